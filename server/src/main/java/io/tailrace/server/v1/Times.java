package io.tailrace.server.v1;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Instants and durations as messages. */
final class Times {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** Ten thousand years, as google.protobuf.Duration has it: its JSON cannot say more. */
    private static final java.time.Duration DURATION_MAX = java.time.Duration.ofDays(3_652_500);

    private Times() {}

    static Timestamp of(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    static Timestamp ofNanos(long nanosSinceEpoch) {
        return Timestamp.newBuilder()
                .setSeconds(Math.floorDiv(nanosSinceEpoch, NANOS_PER_SECOND))
                .setNanos((int) Math.floorMod(nanosSinceEpoch, NANOS_PER_SECOND))
                .build();
    }

    static Duration of(java.time.Duration duration) {
        return Duration.newBuilder()
                .setSeconds(duration.getSeconds())
                .setNanos(duration.getNano())
                .build();
    }

    /** A client's duration; null if it gave none. */
    static java.time.@Nullable Duration of(boolean isGiven, String name, Duration duration) {
        if (!isGiven) {
            return null;
        }
        java.time.Duration value;
        try {
            value = java.time.Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
        } catch (ArithmeticException e) {
            throw invalid(name, duration.getSeconds() + " s");
        }
        if (value.isNegative() || value.compareTo(DURATION_MAX) > 0) {
            throw invalid(name, value.toString());
        }
        return value;
    }

    /** A client's time; null if it gave none. */
    static @Nullable Instant of(boolean isGiven, String name, Timestamp time) {
        if (!isGiven) {
            return null;
        }
        if (!Timestamps.isValid(time)) {
            throw new EngineException(
                    ErrorCode.INVALID_ARGUMENT,
                    "%s: %d s and %d ns (expected: a time in the years 1 to 9999, with 0 to 999999999 ns)"
                            .formatted(name, time.getSeconds(), time.getNanos()));
        }
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }

    private static EngineException invalid(String name, String value) {
        return new EngineException(
                ErrorCode.INVALID_ARGUMENT,
                "%s: %s (expected: a duration of 0 s to %d s)".formatted(name, value, DURATION_MAX.toSeconds()));
    }
}
