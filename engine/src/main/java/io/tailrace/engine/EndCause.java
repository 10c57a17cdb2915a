package io.tailrace.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.log.ExitReason;
import io.tailrace.runtime.spi.ProcessExit;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Remembers what was done to one run, and so tells why it ended. Thread-safe. */
final class EndCause {
    /** Signals that ask a process to end in its own way and time: INT, QUIT, KILL, TERM. */
    private static final Set<Integer> ENDING = Set.of(2, 3, 9, 15);

    /** An exit this soon after such a signal is taken for its effect. */
    private static final Duration EFFECT_WITHIN = Duration.ofSeconds(10);

    @GuardedBy("this") private @Nullable ExitReason requested;

    @GuardedBy("this") private String why = "";

    @GuardedBy("this") private final Map<Integer, Instant> signals = new HashMap<>();

    /** The engine is about to end it; the first reason counts. @param message for people; may be empty */
    synchronized void request(ExitReason reason, String message) {
        if (requested == null) {
            requested = reason;
            why = message;
        }
    }

    /** A client is about to send it a signal. */
    synchronized void signal(int number, Instant at) {
        signals.put(number, at);
    }

    /** How a run ended that ended so. */
    Ending ending(ProcessExit exit) {
        long atNanos = Fold.nanos(exit.at());
        if (exit.isLost()) {
            return new Ending(ExitReason.LOST, -1, atNanos, "the runtime lost sight of it");
        }
        ExitReason reason = reason(exit);
        return new Ending(reason, exit.exitCode(), atNanos, message(reason));
    }

    private synchronized String message(ExitReason reason) {
        return reason == requested ? why : "";
    }

    private synchronized ExitReason reason(ProcessExit exit) {
        if (exit.isOutOfMemory()) {
            return ExitReason.OUT_OF_MEMORY;
        }
        if (requested != null) {
            return requested;
        }
        for (var signal : signals.entrySet()) {
            boolean isSoon = !exit.at().isAfter(signal.getValue().plus(EFFECT_WITHIN));
            if (exit.exitCode() == 128 + signal.getKey() || (ENDING.contains(signal.getKey()) && isSoon)) {
                return ExitReason.STOPPED;
            }
        }
        boolean isSignal = exit.exitCode() > 128 && exit.exitCode() <= 128 + Signal.NUMBER_MAX;
        return isSignal ? ExitReason.SIGNALLED : ExitReason.EXITED;
    }
}
