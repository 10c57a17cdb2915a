package io.tailrace.engine;

import io.tailrace.log.ExitReason;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.time.Duration;

/** Stops a container's process: signals, waits, kills, and waits until its end is recorded. Thread-safe. */
final class Stopping {
    private static final Duration KILL_TIMEOUT = Duration.ofSeconds(60);

    private final EngineContext context;
    private final EngineProcess process;
    private final Journal journal;
    private final Restarter restarter;
    private final Runnable thaw;

    Stopping(EngineContext context, EngineProcess process, Restarter restarter, Runnable thaw) {
        this.context = context;
        this.process = process;
        this.journal = process.journal();
        this.restarter = restarter;
        this.thaw = thaw;
    }

    /** Stops it if it runs, and has it stay ended. @param grace zero to kill at once */
    void stop(Duration grace, ExitReason reason) {
        stop(grace, reason, "");
    }

    /** As {@link #stop(Duration, ExitReason)}. @param message that its Exit tells people */
    void stop(Duration grace, ExitReason reason, String message) {
        try {
            do {
                stopNow(grace, reason, message);
            } while (reason == ExitReason.STOPPED && !restarter.cancel());
        } catch (InterruptedException e) {
            throw EngineProcess.interrupted(e);
        }
    }

    private void stopNow(Duration grace, ExitReason reason, String message) throws InterruptedException {
        journal.await(fold -> fold.state() != ContainerState.STARTING, KILL_TIMEOUT);
        ProcessRun run = process.run();
        long exits = journal.fold().exits();
        if (run == null && journal.fold().state().isUp()) {
            throw new EngineException(
                    ErrorCode.UNAVAILABLE,
                    "%s runs, but the runtime has not handed it over yet".formatted(journal.title()));
        }
        if (run != null && journal.fold().state().isUp()) {
            run.cause().request(reason, message);
            thaw.run();
            boolean isOver = !grace.isZero() && send(run, signal(), exits) && awaitEnd(exits, grace);
            if (!isOver) {
                // It may have been paused since.
                thaw.run();
                if (send(run, Signal.KILL, exits) && !awaitEnd(exits, KILL_TIMEOUT)) {
                    throw late("end after a kill");
                }
            }
        }
        Duration bound = context.config().drainTimeout().plus(KILL_TIMEOUT);
        if (!journal.await(fold -> fold.state() != ContainerState.DRAINING, bound)) {
            String problem = process.problem();
            throw late("get its end recorded" + (problem.isEmpty() ? "" : " (" + problem + ")"));
        }
    }

    private Signal signal() {
        return Signal.orTerm(journal.fold().made().getOrDefault("stopSignal", ""));
    }

    /** Sends a signal. False if the process is already gone; then its exit has come, too. */
    private boolean send(ProcessRun run, Signal signal, long exits) throws InterruptedException {
        try {
            run.process().signal(signal.number());
            return true;
        } catch (ContainerRuntimeException e) {
            if (e.code() != Code.FAILED_PRECONDITION && e.code() != Code.NOT_FOUND) {
                throw RuntimeCalls.failure(e);
            }
            if (!awaitEnd(exits, KILL_TIMEOUT)) {
                throw late("report its exit, although it took no " + signal.name() + ",");
            }
            return false;
        }
    }

    /** Waits until the process is gone, whether or not it was started again since. @param exits before */
    private boolean awaitEnd(long exits, Duration timeout) throws InterruptedException {
        return journal.await(
                fold -> fold.exits() > exits || (!fold.state().isUp() && fold.state() != ContainerState.STARTING),
                timeout);
    }

    private EngineException late(String what) {
        return new EngineException(
                ErrorCode.DEADLINE_EXCEEDED,
                "%s did not %s within %d s".formatted(journal.title(), what, KILL_TIMEOUT.toSeconds()));
    }
}
