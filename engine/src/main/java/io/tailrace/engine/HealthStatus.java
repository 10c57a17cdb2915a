package io.tailrace.engine;

import io.tailrace.log.TimelineRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * How healthy the latest run of a container is: its Health records, folded. Immutable.
 *
 * @param status where it stands
 * @param failingStreak probes in a row that have failed and count
 * @param results the newest, oldest first
 */
public record HealthStatus(Status status, int failingStreak, List<TimelineRecord.Health> results) {
    /** Results that are remembered, as Docker does; it bounds the checkpoint, with their outputs. */
    static final int RESULTS_MAX = 5;

    static final HealthStatus STARTING = new HealthStatus(Status.STARTING, 0, List.of());

    /** What is known of its health. */
    public enum Status {
        /** No probe has succeeded yet, and not too many have failed. */
        STARTING,
        /** The latest probes do not say otherwise. */
        HEALTHY,
        /** As many probes have failed in a row as the check allows, or more. */
        UNHEALTHY;

        /** As records and doors have it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The status of a word. @throws IllegalArgumentException if it is none */
        static Status of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /** Copies the list. */
    public HealthStatus {
        Objects.requireNonNull(status);
        results = List.copyOf(results);
    }

    /** With one result more. @param isInStartPeriod whether its probe began in the time in which failures do not count */
    HealthStatus after(TimelineRecord.Health result, boolean isInStartPeriod) {
        List<TimelineRecord.Health> newest = new ArrayList<>(results);
        newest.add(own(result));
        return new HealthStatus(
                Status.of(result.status()),
                streakAfter(result.exitCode(), isInStartPeriod),
                newest.size() > RESULTS_MAX ? newest.subList(newest.size() - RESULTS_MAX, newest.size()) : newest);
    }

    /** The status that a result leads to. @param retries failures in a row that make it unhealthy */
    Status statusAfter(int exitCode, boolean isInStartPeriod, int retries) {
        if (exitCode == 0) {
            return Status.HEALTHY;
        }
        // One failure that does not count leaves everything as it was.
        return streakAfter(exitCode, isInStartPeriod) >= retries ? Status.UNHEALTHY : status;
    }

    private int streakAfter(int exitCode, boolean isInStartPeriod) {
        if (exitCode == 0) {
            return 0;
        }
        boolean isCounted = status != Status.STARTING || !isInStartPeriod;
        return isCounted ? Math.min(Integer.MAX_VALUE - 1, failingStreak) + 1 : failingStreak;
    }

    /** With bytes of its own: those of a record that was read may be a part of much more. */
    private static TimelineRecord.Health own(TimelineRecord.Health result) {
        ByteBuffer output = ByteBuffer.allocate(result.output().remaining());
        output.put(result.output().duplicate()).flip();
        return new TimelineRecord.Health(
                result.sequence(),
                result.timestampNanos(),
                result.status(),
                result.exitCode(),
                result.durationNanos(),
                output);
    }
}
