package io.tailrace.engine;

import io.tailrace.log.ExitReason;
import java.util.Map;
import java.util.Objects;

/**
 * How a run ended: decided once, when its exit is known, and recorded with {@code draining} so that a restart of the
 * server in between changes nothing.
 *
 * @param reason why
 * @param exitCode 0 to 255; -1 if it is not known
 * @param atNanos when, in ns since the epoch
 * @param message for people; may be empty
 */
record Ending(ExitReason reason, int exitCode, long atNanos, String message) {
    /** Of what was not started, for a reason that has no exit code of its own. */
    static final int EXIT_CODE_START_FAILED = 128;

    private static final int SIGNAL_BASE = 128;

    Ending {
        Objects.requireNonNull(reason);
        Objects.requireNonNull(message);
    }

    /** The signal that its exit code tells of; 0 for none. */
    int signal() {
        return exitCode > SIGNAL_BASE && exitCode <= SIGNAL_BASE + Signal.NUMBER_MAX ? exitCode - SIGNAL_BASE : 0;
    }

    Ending withMessage(String more) {
        return new Ending(reason, exitCode, atNanos, message.isEmpty() ? more : message + "; " + more);
    }

    Map<String, String> attributes() {
        return Map.of(
                "reason", reason.name(),
                "exitCode", Integer.toString(exitCode),
                "at", Long.toString(atNanos),
                "message", message);
    }

    static Ending of(Map<String, String> attributes) {
        return new Ending(
                ExitReason.valueOf(attributes.getOrDefault("reason", "LOST")),
                Integer.parseInt(attributes.getOrDefault("exitCode", "-1")),
                Long.parseLong(attributes.getOrDefault("at", "0")),
                attributes.getOrDefault("message", ""));
    }
}
