package io.tailrace.log;

import java.time.Clock;
import java.time.Duration;

/** Configurations for tests. */
final class Configs {
    static final long SEGMENT_BYTES_MIN = 64 << 10;

    private Configs() {}

    static TimelineConfig retaining(long bytes) {
        return new TimelineConfig(
                SEGMENT_BYTES_MIN,
                bytes,
                Duration.ZERO,
                TimelineConfig.Fsync.NEVER,
                Clock.systemUTC(),
                () -> new byte[0]);
    }

    static TimelineConfig withSmallSegments() {
        return retaining(Long.MAX_VALUE);
    }

    static TimelineConfig withCheckpoint(byte[] checkpoint) {
        return new TimelineConfig(
                SEGMENT_BYTES_MIN,
                Long.MAX_VALUE,
                Duration.ZERO,
                TimelineConfig.Fsync.LIFECYCLE,
                Clock.systemUTC(),
                checkpoint::clone);
    }

    static TimelineConfig withClock(Clock clock, Duration retainedAgeMax) {
        return new TimelineConfig(
                SEGMENT_BYTES_MIN,
                Long.MAX_VALUE,
                retainedAgeMax,
                TimelineConfig.Fsync.NEVER,
                clock,
                () -> new byte[0]);
    }
}
