package io.tailrace.engine;

import io.tailrace.engine.SubscriptionRequest.From;
import io.tailrace.engine.SubscriptionRequest.Kind;
import io.tailrace.log.StdStream;
import io.tailrace.log.Timeline;
import io.tailrace.log.TimelineReader;
import io.tailrace.log.TimelineRecord;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** Finds the sequence with which a subscription begins. */
final class SubscriptionStart {
    /** Bounds the memory that looking for the last records takes. */
    private static final long LAST_RECORDS_MAX = 1_000_000;

    private static final long LAST_WINDOW_MIN = 64;

    private SubscriptionStart() {}

    static long sequence(Journal journal, SubscriptionRequest request) throws IOException {
        Timeline timeline = journal.timeline();
        return switch (request.from()) {
            case From.Start _ -> 1;
            case From.Now _ -> timeline.lastSequence() + 1;
            case From.After(Cursor cursor) -> behind(journal, cursor);
            case From.Last(long records) -> last(timeline, request, records);
            case From.Offset(StdStream stream, long offset) -> {
                long length = timeline.streamLength(stream);
                Checks.check(offset >= 0 && offset <= length, "offset", offset, "0 to " + length);
                long sequence = timeline.sequenceOfOffset(stream, offset);
                // Where history was trimmed the byte may be gone: begun before it, the reader meets the Gap that says
                // so.
                yield sequence == timeline.firstSequence() ? 1 : sequence;
            }
        };
    }

    private static long behind(Journal journal, Cursor cursor) {
        long last = journal.timeline().lastSequence();
        if (!cursor.timeline().equals(journal.timelineId()) || cursor.sequence() < 0 || cursor.sequence() > last) {
            throw new EngineException(
                    ErrorCode.INVALID_CURSOR,
                    "cursor: %s (expected: one of timeline %s, at most %d)"
                            .formatted(cursor.text(), journal.timelineId(), last));
        }
        return cursor.sequence() + 1;
    }

    /** Looks at ever more records from the end back, four times as many each time, until enough match. */
    private static long last(Timeline timeline, SubscriptionRequest request, long records) throws IOException {
        Checks.check(records >= 0 && records <= LAST_RECORDS_MAX, "last", records, "0 to " + LAST_RECORDS_MAX);
        long end = timeline.lastSequence();
        long first = timeline.firstSequence();
        if (records == 0) {
            return end + 1;
        }
        for (long window = Math.max(LAST_WINDOW_MIN, records * 2); ; window *= 4) {
            long from = Math.max(first, end - window + 1);
            Deque<Long> matching = matching(timeline, request, from, end, records);
            if (matching.size() == records) {
                return matching.getFirst();
            }
            if (from == first) {
                return first;
            }
        }
    }

    private static Deque<Long> matching(Timeline timeline, SubscriptionRequest request, long from, long end, long max)
            throws IOException {
        Deque<Long> sequences = new ArrayDeque<>();
        try (TimelineReader reader = timeline.read(from)) {
            TimelineRecord record = reader.poll();
            while (record != null && record.sequence() <= end) {
                if (isWanted(request, record)) {
                    sequences.addLast(record.sequence());
                    if (sequences.size() > max) {
                        sequences.removeFirst();
                    }
                }
                record = reader.poll();
            }
        }
        return sequences;
    }

    private static boolean isWanted(SubscriptionRequest request, TimelineRecord record) {
        boolean isAll = request.kinds().isEmpty();
        return switch (record) {
            case TimelineRecord.Output output ->
                (isAll || request.kinds().contains(Kind.OUTPUT))
                        && (request.streams().isEmpty() || request.streams().contains(output.stream()));
            case TimelineRecord.State _ -> isAll || request.kinds().contains(Kind.STATE);
            case TimelineRecord.Health _ -> isAll || request.kinds().contains(Kind.HEALTH);
            case TimelineRecord.Message _ -> isAll || request.kinds().contains(Kind.MESSAGE);
            case TimelineRecord.Exit _, TimelineRecord.Gap _ -> isAll;
        };
    }
}
