package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

/**
 * What the engine says of a container at one moment.
 *
 * @param id the engine's own
 * @param status the engine's word: {@code created}, {@code running}, {@code paused}, {@code exited}, {@code dead}
 * @param pid on the engine's machine; 0 if it does not run
 * @param exitCode of its latest run
 * @param isOutOfMemory whether its latest run ended for want of memory
 * @param startedAt when its latest run began, as the engine writes it: what tells one run from another
 * @param finishedAt when it ended
 * @param spec the whole answer
 */
record ContainerView(
        String id,
        String status,
        boolean isRunning,
        boolean isPaused,
        long pid,
        int exitCode,
        boolean isOutOfMemory,
        String startedAt,
        Instant finishedAt,
        JsonNode spec) {
    static ContainerView of(JsonNode json) {
        JsonNode state = json.path("State");
        return new ContainerView(
                json.path("Id").asText(),
                state.path("Status").asText(),
                state.path("Running").asBoolean(),
                state.path("Paused").asBoolean(),
                state.path("Pid").asLong(),
                state.path("ExitCode").asInt(),
                state.path("OOMKilled").asBoolean(),
                state.path("StartedAt").asText(),
                instant(state.path("FinishedAt").asText()),
                json);
    }

    /** Whether it runs, frozen or not. */
    boolean isUp() {
        return isRunning || isPaused;
    }

    /** Whether its run is over and the engine is about to begin another: the engine calls that running. */
    boolean isRestarting() {
        return spec.path("State").path("Restarting").asBoolean();
    }

    /** Whether its latest run is over. */
    boolean isOver() {
        return !isUp() && (status.equals("exited") || status.equals("dead") || status.equals("stopped"));
    }

    boolean hasTerminal() {
        return spec.path("Config").path("Tty").asBoolean();
    }

    boolean hasStdin() {
        return spec.path("Config").path("OpenStdin").asBoolean();
    }

    /** A time that the engine wrote; now, if it is none. */
    static Instant instant(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return Instant.now();
        }
    }
}
