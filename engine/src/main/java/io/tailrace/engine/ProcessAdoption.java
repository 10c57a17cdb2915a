package io.tailrace.engine;

import io.tailrace.log.ExitReason;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.util.Map;
import java.util.Optional;

/** Goes on with a process that an earlier server left, as far as that can be told from its timeline. Thread-safe. */
final class ProcessAdoption {
    private final EngineContext context;
    private final Journal journal;
    private final Discards discards;

    ProcessAdoption(EngineContext context, Journal journal, Discards discards) {
        this.context = context;
        this.journal = journal;
        this.discards = discards;
    }

    /**
     * Brings the timeline up to what the runtime says.
     *
     * @param found the runtime's process; empty if it has none
     * @return the process that runs on, or whose end is not recorded; empty if all is over
     */
    Optional<RuntimeProcess> adopt(Optional<RuntimeProcess> found) {
        Fold fold = journal.fold();
        boolean isOver = fold.state().isOver() || fold.state() == ContainerState.CREATED;
        if (isOver || fold.run().exitFeed() != 0) {
            if (!isOver) {
                // All is recorded but the Exit itself.
                journal.exit(endingOf(fold, "the server was restarted before its end was recorded"));
            }
            found.ifPresent(discards::discard);
            return Optional.empty();
        }
        if (found.isEmpty()) {
            end(fold, lost(fold));
            return Optional.empty();
        }
        return adopt(fold, found.get());
    }

    /** Ends what an earlier server made and did not come to start, where nobody else would start it. */
    void endUnstarted() {
        if (journal.fold().state() == ContainerState.CREATED) {
            journal.become(ContainerState.STARTING, Map.of());
            journal.exit(notStarted());
        }
    }

    /** Ends a run of which nothing is left but its records. */
    private void end(Fold fold, Ending how) {
        if (fold.state().isUp()) {
            journal.become(ContainerState.DRAINING, how.attributes());
        }
        journal.exit(how);
    }

    private Optional<RuntimeProcess> adopt(Fold fold, RuntimeProcess process) {
        RuntimeProcess.Status status = process.status();
        if (status == RuntimeProcess.Status.CREATED) {
            discards.discard(process);
            end(fold, fold.state() == ContainerState.STARTING ? notStarted() : lost(fold));
            return Optional.empty();
        }
        if (fold.state() == ContainerState.STARTING) {
            journal.become(ContainerState.RUNNING, Map.of(Fold.PID, Long.toString(process.pid())));
        } else if (fold.state() == ContainerState.RUNNING && status == RuntimeProcess.Status.PAUSED) {
            journal.become(ContainerState.PAUSED, Map.of());
        } else if (fold.state() == ContainerState.PAUSED && status == RuntimeProcess.Status.RUNNING) {
            journal.become(ContainerState.RUNNING, Map.of());
        }
        return Optional.of(process);
    }

    private Ending notStarted() {
        return new Ending(
                ExitReason.START_FAILED,
                Ending.EXIT_CODE_START_FAILED,
                Fold.nanos(context.clock().instant()),
                "the server ended while it was being started");
    }

    private static Ending lost(Fold fold) {
        return endingOf(fold, "it ended while no server was there to see it, and the runtime no longer knows it");
    }

    private static Ending endingOf(Fold fold, String otherwise) {
        Ending known = fold.run().ending();
        return known == null ? new Ending(ExitReason.LOST, -1, 0, otherwise) : known;
    }
}
