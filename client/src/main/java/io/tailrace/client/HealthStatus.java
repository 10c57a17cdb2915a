package io.tailrace.client;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * How healthy a container's latest run is; a snapshot.
 *
 * @param status where it stands
 * @param failingStreak probes in a row that have failed and count
 * @param results the newest five, oldest first
 */
public record HealthStatus(Status status, int failingStreak, List<Result> results) {
    /** Copies the list. */
    public HealthStatus {
        results = List.copyOf(results);
    }

    /** What is known of its health. */
    public enum Status {
        /** No probe has succeeded yet, and not too many have failed. */
        STARTING,
        /** The latest probes do not say otherwise. */
        HEALTHY,
        /** As many probes have failed in a row as the check allows, or more. */
        UNHEALTHY,
        /** A word that this client does not know. */
        UNKNOWN;

        /** As the server says it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        private static Status of(String word) {
            for (var status : values()) {
                if (status.word().equals(word)) {
                    return status;
                }
            }
            return UNKNOWN;
        }
    }

    /**
     * What a probe found.
     *
     * @param exitCode 0: healthy; -1: the probe had to be ended, or could not be run
     * @param output what it wrote, at most 4096 bytes of it
     */
    public record Result(Instant startedAt, Instant finishedAt, int exitCode, String output) {}

    static HealthStatus of(io.tailrace.api.v1.HealthStatus health) {
        return new HealthStatus(
                Status.of(health.getStatus()),
                health.getFailingStreak(),
                health.getResultsList().stream()
                        .map(result -> new Result(
                                Wire.instant(result.getStartedAt()),
                                Wire.instant(result.getFinishedAt()),
                                result.getExitCode(),
                                result.getOutput().toStringUtf8()))
                        .toList());
    }
}
