package io.tailrace.engine;

import io.tailrace.log.TimelineRecord;
import java.time.Duration;
import java.util.Map;

/**
 * Starts a container again that its policy does not leave ended. That it is due, and when, is in the timeline
 * ({@link ContainerState#RESTARTING}), so a server that is started meanwhile goes on with it. Thread-safe.
 */
final class Restarter {
    /** Between attempts that came to nothing, as on a full disk. */
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(2);

    private final EngineContext context;
    private final EngineContainer container;
    private final Journal journal;

    Restarter(EngineContext context, EngineContainer container) {
        this.context = context;
        this.container = container;
        this.journal = container.journal();
    }

    /** Starts it when it is due, if it is to be. */
    void schedule() {
        Fold fold = journal.fold();
        if (fold.state() == ContainerState.RESTARTING) {
            TimelineRecord.Exit exit = fold.run().exit();
            Duration due = Duration.between(
                    context.clock().instant(),
                    Fold.instant(exit == null ? fold.changedAtNanos() : exit.timestampNanos())
                            .plusMillis(fold.restart().pauseMillis()));
            schedule(due.isNegative() ? Duration.ZERO : due, fold.exits());
        }
    }

    private void schedule(Duration pause, long exits) {
        context.background().schedule("the restart of " + container.name(), pause, () -> restart(exits));
    }

    /** @param exits of the run that it follows: after another one, another restart is due */
    private void restart(long exits) {
        if (!isDue(exits)) {
            return;
        }
        try {
            if (container.runtimeContainer().isEmpty()) {
                giveUp();
            } else {
                // A client may start it at the same moment, and that run be over already: then another restart is due.
                container.start(now -> now.exits() == exits);
            }
        } catch (EngineException e) {
            if (!isDue(exits)) {
                context.problems().clear(container.id(), Problems.Kind.UNSTARTED); // its Exit says why
                throw e;
            }
            context.problems()
                    .report(container.id(), Problems.Kind.UNSTARTED, "it is not started again yet: " + e.getMessage());
            schedule(RETRY_PAUSE, exits);
            return;
        }
        context.problems().clear(container.id(), Problems.Kind.UNSTARTED);
    }

    private boolean isDue(long exits) {
        Fold fold = journal.fold();
        return fold.state() == ContainerState.RESTARTING && fold.exits() == exits && !journal.isClosed();
    }

    /** Without the runtime's container there is nothing to start. */
    private void giveUp() {
        journal.become(ContainerState.EXITED, Map.of("why", "the runtime no longer has it"));
    }

    /** Has it stay ended if a restart was due. @return whether it stays ended; false if it has just been started again */
    boolean cancel() {
        Fold fold = journal.fold();
        if (fold.state() == ContainerState.RESTARTING) {
            try {
                journal.become(ContainerState.EXITED, Map.of("why", "stopped"));
            } catch (EngineException e) {
                if (e.code() != ErrorCode.FAILED_PRECONDITION) {
                    throw e;
                }
            }
            fold = journal.fold();
        }
        context.problems().clear(container.id(), Problems.Kind.UNSTARTED);
        return !(fold.state().isUp() || fold.state() == ContainerState.STARTING);
    }
}
