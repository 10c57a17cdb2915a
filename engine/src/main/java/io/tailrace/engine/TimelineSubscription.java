package io.tailrace.engine;

import io.tailrace.engine.SubscriptionRequest.End;
import io.tailrace.engine.SubscriptionRequest.Kind;
import io.tailrace.log.Timeline;
import io.tailrace.log.TimelineReader;
import io.tailrace.log.TimelineRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A reader of a timeline that takes what was asked for and knows when that ends. It holds a cursor and one record;
 * everything else is in the timeline. Used by one thread at a time; {@link #close} by any.
 */
final class TimelineSubscription implements Subscription {
    private static final Duration RESTART_WAIT = Duration.ofMillis(200);
    /** How often the clock is looked at for a subscription that ends at a time: it may be set. */
    private static final Duration CLOCK_WAIT = Duration.ofMillis(500);

    private final Journal journal;
    private final SubscriptionRequest request;
    private final TimelineReader reader;

    private final TimeRange times;
    private final SubscriptionStart start;

    /** For {@link End#NOW}: the last sequence to read. */
    private final long lastSequence;

    /** Whether a record was read that may have ended it, so that the fold must be looked at again. */
    private boolean isEndInSight = true;

    private volatile boolean isEnded;
    private boolean isPastUntil;
    /** The sequence of a record that was read and was too late; 0 if there was none. */
    private long lateSequence;

    private TimelineSubscription(
            Journal journal,
            SubscriptionRequest request,
            SubscriptionStart start,
            TimelineReader reader,
            long lastSequence) {
        this.journal = journal;
        this.request = request;
        this.start = start;
        this.times = TimeRange.of(request.since(), request.until());
        this.reader = reader;
        this.lastSequence = lastSequence;
    }

    static Subscription open(Journal journal, SubscriptionRequest request) {
        Timeline timeline = journal.timeline();
        if (journal.isClosed()) {
            throw deleted(journal);
        }
        try {
            long lastSequence = timeline.lastSequence();
            SubscriptionStart start = SubscriptionStart.of(journal, request, lastSequence);
            TimelineReader reader = timeline.read(start.sequence());
            return new TimelineSubscription(journal, request, start, reader, lastSequence);
        } catch (IOException e) {
            throw journal.isClosed() ? deleted(journal) : TimelineFailure.inReading(e);
        }
    }

    private static EngineException deleted(Journal journal) {
        return new EngineException(
                ErrorCode.NOT_FOUND,
                "timeline: %s (expected: one that was not deleted)".formatted(journal.timelineId()));
    }

    @Override
    public @Nullable TimelineRecord next(Duration timeout) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        while (!isEnded()) {
            Duration remaining = Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
            TimelineRecord record = read(remaining);
            if (record == null) {
                if (remaining.isZero() || isEnded) {
                    return null;
                }
                continue;
            }
            TimelineRecord wanted = take(record);
            if (wanted != null) {
                return wanted;
            }
        }
        return null;
    }

    private @Nullable TimelineRecord read(Duration timeout) throws InterruptedException {
        try {
            // The end of a restart that failed is no record, so it is looked for.
            boolean isUnsure = isEndInSight && journal.restarts().isGoingOn() && timeout.compareTo(RESTART_WAIT) > 0;
            Duration wait = isUnsure ? RESTART_WAIT : timeout;
            TimelineRecord record = reader.next(times.bounded(wait, journal.clock(), CLOCK_WAIT));
            if (record == null && reader.isClosed()) {
                // What came between the end of the wait and the closing is still there.
                record = reader.poll();
                isEnded = record == null;
            }
            return record == null ? pollAtTimeOver() : record;
        } catch (IOException e) {
            return endOrFail(e);
        }
    }

    @Override
    public @Nullable TimelineRecord poll() {
        try {
            while (!isEnded()) {
                TimelineRecord record = reader.poll();
                record = record == null ? pollAtTimeOver() : record;
                if (record == null) {
                    return null;
                }
                TimelineRecord wanted = take(record);
                if (wanted != null) {
                    return wanted;
                }
            }
            return null;
        } catch (IOException e) {
            return endOrFail(e);
        }
    }

    /** A timeline that is deleted while it is read ends; it fails whom it still owes records that were there. */
    private @Nullable TimelineRecord endOrFail(IOException e) {
        if (!reader.isClosed()) {
            throw TimelineFailure.inReading(e);
        }
        if (!isEnded && request.end() == End.NOW && reader.position() <= lastSequence) {
            throw e instanceof NoSuchFileException ? deleted(journal) : TimelineFailure.inReading(e);
        }
        isEnded = true;
        return null;
    }

    /** Where nothing more was there: ends it if whatever comes is too late. */
    private @Nullable TimelineRecord pollAtTimeOver() throws IOException {
        if (isEnded || !times.isOver(journal.clock())) {
            return null;
        }
        var _ = journal.settledFold(); // what has its time by now is there
        TimelineRecord record = reader.poll();
        if (record == null) {
            pastUntil();
        }
        return record;
    }

    private void pastUntil() {
        isPastUntil = true;
        isEnded = true;
    }

    /** The record as it is to be delivered; null if it was not asked for. */
    private @Nullable TimelineRecord take(TimelineRecord record) {
        if (times.isBefore(record)) {
            lateSequence = record.sequence();
            pastUntil();
            return null;
        }
        if (times.isAfter(record)) {
            isEndInSight = true;
            return null;
        }
        return switch (record) {
            case TimelineRecord.Output output -> wants(output) ? cut(output) : null;
            case TimelineRecord.State state -> {
                isEndInSight = true;
                yield wants(Kind.STATE) ? LifecycleEntry.withoutBulk(state) : null;
            }
            case TimelineRecord.Health health -> wants(Kind.HEALTH) ? health : null;
            case TimelineRecord.Message message -> wants(Kind.MESSAGE) ? message : null;
            case TimelineRecord.Gap gap -> gap;
            case TimelineRecord.Exit exit -> {
                isEndInSight = true;
                yield exit;
            }
        };
    }

    private boolean wants(Kind kind) {
        return request.kinds().isEmpty() || request.kinds().contains(kind);
    }

    private boolean wants(TimelineRecord.Output output) {
        return wants(Kind.OUTPUT)
                && (request.streams().isEmpty() || request.streams().contains(output.stream()));
    }

    /** Leaves out what lies before the line or the offset that was asked for. */
    private @Nullable TimelineRecord cut(TimelineRecord.Output output) {
        if (output.sequence() == start.sequence() && start.skippedBytes() > 0) {
            return behind(output, start.skippedBytes());
        }
        if (!(request.from() instanceof SubscriptionRequest.From.Offset(var stream, long offset))
                || stream != output.stream()
                || output.offset() >= offset) {
            return output;
        }
        return behind(output, offset - output.offset());
    }

    private static @Nullable TimelineRecord behind(TimelineRecord.Output output, long skipped) {
        ByteBuffer data = output.data().duplicate();
        if (skipped >= data.remaining()) {
            return null;
        }
        data.position(data.position() + (int) skipped);
        return new TimelineRecord.Output(
                output.sequence(), output.timestampNanos(), output.stream(), output.offset() + skipped, data.slice());
    }

    @Override
    public boolean isEnded() {
        if (!isEnded && isAtEnd()) {
            isEnded = true;
        }
        return isEnded;
    }

    private boolean isAtEnd() {
        return switch (request.end()) {
            case NOW -> reader.position() > lastSequence;
            case EXIT -> isEndInSight && isBehindExit();
            case NEVER -> false;
        };
    }

    private boolean isBehindExit() {
        Fold fold = journal.settledFold();
        if (journal.restarts().isGoingOn()) {
            return false;
        }
        if (!fold.state().isDone()) {
            isEndInSight = false;
            return false;
        }
        TimelineRecord.Exit exit = fold.run().exit();
        // One that was removed without ever running has no Exit to wait for.
        return exit == null
                ? reader.position() > journal.timeline().lastSequence()
                : reader.position() > exit.sequence();
    }

    @Override
    public boolean isPastUntil() {
        return isPastUntil;
    }

    @Override
    public Cursor cursor() {
        long next = lateSequence == 0 ? reader.position() : lateSequence;
        return new Cursor(journal.timelineId(), next - 1);
    }

    @Override
    public void close() {
        isEnded = true;
        reader.close();
    }
}
