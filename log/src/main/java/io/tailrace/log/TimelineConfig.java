package io.tailrace.log;

import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * How a timeline is kept.
 *
 * @param segmentBytesMax a segment is closed when it has reached this size; at least 64 KiB
 * @param retainedBytesMax whole old segments are deleted while the timeline is larger; {@code Long.MAX_VALUE} for never.
 *     At least the newest segment stays
 * @param retainedAgeMax whole old segments are deleted when their last record is older; zero for never
 * @param reserveBytes room that is set aside on the disk, for records beside Output that come when it is full; 0: none
 * @param fsync when the disk is told to write
 * @param clock where timestamps come from
 * @param checkpoint what the owner needs to know of records that retention may delete: asked for whenever a segment
 *     begins, kept in its header, handed back by {@link Timeline#checkpoint} after a restart. At most
 *     {@link Timeline#CHECKPOINT_BYTES_MAX} bytes. Must cover every record before the
 *     segment and may cover later ones: whoever folds applies a record to its state before it appends it, and folds so
 *     that a record applied twice does no harm. Called with the timeline's lock held, also by a thread that appends
 *     output: must not call back or block; never called by {@link Timeline#open} where there are segments
 */
public record TimelineConfig(
        long segmentBytesMax,
        long retainedBytesMax,
        Duration retainedAgeMax,
        long reserveBytes,
        Fsync fsync,
        Clock clock,
        Supplier<byte[]> checkpoint) {
    private static final long SEGMENT_BYTES_MIN = 64 << 10;

    /** Checks the bounds. */
    public TimelineConfig {
        if (segmentBytesMax < SEGMENT_BYTES_MIN) {
            throw new IllegalArgumentException(
                    "segmentBytesMax: %d (expected: >= %d)".formatted(segmentBytesMax, SEGMENT_BYTES_MIN));
        }
        if (retainedBytesMax < 0) {
            throw new IllegalArgumentException("retainedBytesMax: %d (expected: >= 0)".formatted(retainedBytesMax));
        }
        if (reserveBytes < 0) {
            throw new IllegalArgumentException("reserveBytes: %d (expected: >= 0)".formatted(reserveBytes));
        }
        if (retainedAgeMax.isNegative()) {
            throw new IllegalArgumentException("retainedAgeMax: %s (expected: not negative)".formatted(retainedAgeMax));
        }
    }

    /** Without a reserve. */
    public TimelineConfig(
            long segmentBytesMax,
            long retainedBytesMax,
            Duration retainedAgeMax,
            Fsync fsync,
            Clock clock,
            Supplier<byte[]> checkpoint) {
        this(segmentBytesMax, retainedBytesMax, retainedAgeMax, 0, fsync, clock, checkpoint);
    }

    /** When the disk is told to write. A killed server loses nothing under any of these; a power cut may. */
    public enum Fsync {
        /** Never; the kernel writes back in its own time (usually within 30 s). */
        NEVER,
        /** When a segment is closed and after each record that is not Output. */
        LIFECYCLE,
        /** After each record. */
        ALWAYS
    }

    /** 64 MiB segments, nothing deleted, no checkpoint, {@link Fsync#LIFECYCLE} replaced by {@link Fsync#NEVER}. */
    public static TimelineConfig defaults() {
        return new TimelineConfig(
                64L << 20, Long.MAX_VALUE, Duration.ZERO, Fsync.NEVER, Clock.systemUTC(), () -> new byte[0]);
    }

    /** The time by the clock, in nanoseconds since 1970. */
    long nowNanos() {
        var now = clock.instant();
        return Math.addExact(Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
    }

    /** Asks for a checkpoint and checks its size. */
    byte[] checkpointNow() {
        var bytes = checkpoint.get();
        if (bytes.length > Timeline.CHECKPOINT_BYTES_MAX) {
            throw new IllegalArgumentException("checkpoint of %d bytes (expected: at most %d)"
                    .formatted(bytes.length, Timeline.CHECKPOINT_BYTES_MAX));
        }
        return bytes.clone();
    }
}
