package io.tailrace.engine;

import io.tailrace.engine.SubscriptionRequest.From;
import io.tailrace.engine.SubscriptionRequest.Kind;
import io.tailrace.log.OutputPlace;
import io.tailrace.log.StdStream;
import io.tailrace.log.Timeline;
import io.tailrace.log.TimelineReader;
import io.tailrace.log.TimelineRecord;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Where a subscription begins.
 *
 * @param sequence of its first record
 * @param skippedBytes of that record, if it is Output
 */
record SubscriptionStart(long sequence, int skippedBytes) {
    /** Bounds the memory that looking for the last records takes. */
    private static final long LAST_RECORDS_MAX = 1_000_000;

    private static final long LAST_WINDOW_MIN = 64;

    /** @param lastSequence of the timeline, up to which lines are counted */
    static SubscriptionStart of(Journal journal, SubscriptionRequest request, long lastSequence) throws IOException {
        SubscriptionStart start = request.from() instanceof From.Lines(long lines)
                ? lines(journal.timeline(), request, lines, lastSequence)
                : new SubscriptionStart(sequence(journal, request), skippedBytes(request.from()));
        Instant since = request.since();
        if (since == null) {
            return start;
        }
        Timeline timeline = journal.timeline();
        long sequence = orGap(timeline, timeline.sequenceAtTime(TimeRange.nanos(since)));
        return sequence > start.sequence ? new SubscriptionStart(sequence, 0) : start;
    }

    private static int skippedBytes(From from) {
        return from instanceof From.After(Cursor cursor) ? cursor.skippedBytes() : 0;
    }

    private static SubscriptionStart lines(
            Timeline timeline, SubscriptionRequest request, long lines, long lastSequence) throws IOException {
        long last = OutputOffsets.lastSequence(timeline, lastSequence, request.until());
        OutputPlace place = OutputOffsets.lastLines(timeline, request.streams(), lines, last);
        // Lines that retention took are told by a Gap.
        boolean isGapFirst = !place.isReached() && timeline.firstSequence() > 1;
        return isGapFirst ? new SubscriptionStart(1, 0) : new SubscriptionStart(place.sequence(), place.skippedBytes());
    }

    /** Where history was trimmed what is looked for may be gone: begun before it, the reader meets the Gap that says so. */
    private static long orGap(Timeline timeline, long sequence) {
        return sequence == timeline.firstSequence() ? 1 : sequence;
    }

    private static long sequence(Journal journal, SubscriptionRequest request) throws IOException {
        Timeline timeline = journal.timeline();
        return switch (request.from()) {
            case From.Start _ -> 1;
            case From.Now _ -> timeline.lastSequence() + 1;
            case From.After(Cursor cursor) -> behind(journal, cursor);
            case From.Last(long records) -> last(timeline, request, records);
            case From.Lines _ -> throw new IllegalArgumentException("lines have a place of their own");
            case From.Offset(StdStream stream, long offset) -> {
                long length = timeline.streamLength(stream);
                Checks.check(offset >= 0 && offset <= length, "offset", offset, "0 to " + length);
                yield orGap(timeline, timeline.sequenceOfOffset(stream, offset));
            }
        };
    }

    private static long behind(Journal journal, Cursor cursor) {
        long last = journal.timeline().lastSequence();
        if (!cursor.timeline().equals(journal.timelineId())
                || cursor.sequence() < 0
                || cursor.sequence() > last
                || (cursor.skippedBytes() > 0 && cursor.sequence() == last)) {
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
