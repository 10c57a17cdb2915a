package io.tailrace.engine;

import io.tailrace.log.TimelineRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The times between which records are wanted. Immutable.
 *
 * @param sinceNanos of the earliest, in ns since the epoch
 * @param untilNanos of the latest, likewise
 */
record TimeRange(long sinceNanos, long untilNanos) {
    private static final Instant MIN = Instant.ofEpochSecond(0, Long.MIN_VALUE);
    private static final Instant MAX = Instant.ofEpochSecond(0, Long.MAX_VALUE);

    static TimeRange of(@Nullable Instant since, @Nullable Instant until) {
        return new TimeRange(
                since == null ? Long.MIN_VALUE : nanos(since), until == null ? Long.MAX_VALUE : nanos(until));
    }

    /** A time in ns since the epoch; the first or the last that they can say for one beyond. */
    static long nanos(Instant time) {
        return time.isBefore(MIN) ? Long.MIN_VALUE : time.isAfter(MAX) ? Long.MAX_VALUE : Fold.nanos(time);
    }

    boolean isBefore(TimelineRecord record) {
        return record.timestampNanos() > untilNanos && !isOfManyRecords(record);
    }

    boolean isAfter(TimelineRecord record) {
        return record.timestampNanos() < sinceNanos;
    }

    /** Its time is that of the last of them: the first may be earlier. */
    private static boolean isOfManyRecords(TimelineRecord record) {
        return record instanceof TimelineRecord.Gap gap && gap.lastSequence() > gap.sequence();
    }

    /** Whether whatever is recorded from now on is too late. */
    boolean isOver(Clock clock) {
        return untilNanos != Long.MAX_VALUE && nanos(clock.instant()) > untilNanos;
    }

    /** No longer than a time, and than it takes until {@link #isOver}. @param slice to look at the clock again */
    Duration bounded(Duration time, Clock clock, Duration slice) {
        if (untilNanos == Long.MAX_VALUE) {
            return time;
        }
        long leftNanos = untilNanos - nanos(clock.instant());
        Duration left = leftNanos < 0 ? Duration.ZERO : Duration.ofNanos(Math.min(leftNanos, slice.toNanos() - 1) + 1);
        return left.compareTo(time) < 0 ? left : time;
    }
}
