package io.tailrace.engine;

import io.tailrace.log.ExitReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Removes a container: stops it if it is to, has all that it wrote recorded, and lets the runtime forget it. Thread-safe. */
final class Removal {
    private static final Duration REMOVAL_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration REMOVAL_PAUSE = Duration.ofSeconds(2);
    private static final String REMOVAL = "its removal";
    /** How often a removal by force stops what others start meanwhile. */
    private static final int REMOVAL_STOPS_MAX = 10;

    private final EngineContext context;
    private final EngineContainer container;
    private final Journal journal;
    private final Stopping stopping;
    private final Runnable onRemoved;

    /** @param onRemoved called when it has become removed */
    Removal(EngineContext context, EngineContainer container, Stopping stopping, Runnable onRemoved) {
        this.context = context;
        this.container = container;
        this.journal = container.journal();
        this.stopping = stopping;
        this.onRemoved = onRemoved;
    }

    /** Removes it; what runs only by force. @param volumes also those of its own; as always where it removes itself */
    void remove(boolean force, boolean volumes) {
        if (container.isForeign() && !force) {
            throw new EngineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "%s is foreign: others made it (expected: removed by them, or here by force)"
                            .formatted(journal.title()));
        }
        Set<OutputRecorder> hurried = new HashSet<>();
        try {
            remove(force, volumes || container.request().isAutoRemove(), hurried);
        } finally {
            hurried.forEach(OutputRecorder::endHurry); // one that was not removed after all waits for the disk again
        }
    }

    /** Whether it has no process, and none is about to be started. */
    boolean isStopped() {
        ContainerState state = journal.fold().state();
        return (state == ContainerState.CREATED || state == ContainerState.EXITED)
                && !journal.restarts().isGoingOn();
    }

    /** @return whether this call has removed it; false if it is not stopped, or if another removal goes on */
    boolean removeIfStopped() {
        if (!isStopped() || !journal.claim(REMOVAL)) {
            return false;
        }
        try {
            if (!isStopped()) {
                return false;
            }
            removeNow(container.request().isAutoRemove());
            return true;
        } finally {
            journal.release();
        }
    }

    private void remove(boolean force, boolean volumes, Set<OutputRecorder> hurried) {
        for (int stops = 0; stops < REMOVAL_STOPS_MAX; stops++) {
            ContainerState state = journal.fold().state();
            if (state == ContainerState.REMOVED) {
                return;
            }
            boolean isUp = state.isUp() || state == ContainerState.STARTING || state == ContainerState.RESTARTING;
            if (isUp && !force) {
                break;
            }
            if (isUp || state == ContainerState.DRAINING) {
                if (force) {
                    dropWhatDoesNotFit(hurried);
                }
                stopping.stop(Duration.ZERO, ExitReason.STOPPED);
            }
            if (journal.claim(REMOVAL)) {
                removeClaimed(volumes);
                return;
            }
            if (journal.isClaimed()) {
                awaitOtherRemoval();
                return;
            }
            // Somebody has started it again between the two.
        }
        throw journal.illegal("remove (expected: stopped first, or removed by force)");
    }

    /** Who removes it does not want to wait until there is room for the rest of its output. */
    private void dropWhatDoesNotFit(Set<OutputRecorder> hurried) {
        List<EngineProcess> processes = new ArrayList<>(List.of(container.process()));
        container.openExecs().list().forEach(exec -> processes.add(exec.process()));
        for (EngineProcess each : processes) {
            ProcessRun current = each.run();
            if (current != null && hurried.add(current.recorder())) {
                current.recorder().hurry();
            }
        }
    }

    private void removeClaimed(boolean volumes) {
        try {
            if (journal.fold().state() != ContainerState.REMOVED) {
                removeNow(volumes);
            }
        } finally {
            journal.release();
        }
    }

    private void awaitOtherRemoval() {
        try {
            boolean isSettled = journal.await(
                    fold -> fold.state() == ContainerState.REMOVED || !journal.isClaimed(), REMOVAL_TIMEOUT);
            if (!isSettled || journal.fold().state() != ContainerState.REMOVED) {
                throw new EngineException(
                        ErrorCode.DEADLINE_EXCEEDED,
                        "%s was not removed by another request".formatted(journal.title()));
            }
        } catch (InterruptedException e) {
            throw EngineProcess.interrupted(e);
        }
    }

    private void removeNow(boolean volumes) {
        container.process().awaitCleanUp();
        container.openExecs().end(container.openExecs().list());
        container.openExecs().list().forEach(this::awaitRecorded);
        container
                .runtimeContainer()
                .ifPresent(present -> RuntimeCalls.run(() -> {
                    present.process().ifPresent(container.process().discards()::discardBeforeRemoval);
                    present.remove();
                }));
        if (volumes) {
            // Before the record: what is cut short in between is still there to be removed again.
            context.volumes().removeOf(container);
        }
        removed(Map.of());
    }

    private void removed(Map<String, String> attributes) {
        journal.become(ContainerState.REMOVED, attributes);
        context.problems().clear(container.id(), Problems.Kind.KEPT);
        onRemoved.run();
    }

    /** Records that it is gone from the runtime. Nothing unless it is stopped, or if a removal goes on. */
    void removedByOthers(String why) {
        if (!isStopped() || !journal.claim(REMOVAL)) {
            return;
        }
        try {
            container.process().awaitCleanUp();
            container.openExecs().end(container.openExecs().list());
            container.openExecs().list().forEach(this::awaitRecorded);
            removed(Map.of("why", why));
        } finally {
            journal.release();
        }
    }

    /** What an exec wrote goes with the container, so it must be recorded before, as on a full disk it may not be yet. */
    private void awaitRecorded(EngineExec exec) {
        try {
            boolean isRecorded = exec.process()
                    .journal()
                    .await(fold -> fold.state().isDone() || fold.state() == ContainerState.CREATED, REMOVAL_TIMEOUT);
            if (!isRecorded) {
                throw new EngineException(
                        ErrorCode.DEADLINE_EXCEEDED,
                        "exec %s is still %s (expected: its end recorded before its container is removed)"
                                .formatted(
                                        exec.timelineId(), exec.status().state().word()));
            }
        } catch (InterruptedException e) {
            throw EngineProcess.interrupted(e);
        }
    }

    /** Removes it in the background, if that was asked for when it was made. */
    void removeIfAsked() {
        if (container.request().isAutoRemove() && !journal.restarts().isGoingOn()) {
            context.background().run("the removal of " + container.name(), this::removeOrRetry);
        }
    }

    private void removeOrRetry() {
        try {
            remove(false, true);
            context.problems().clear(container.id(), Problems.Kind.UNREMOVED);
        } catch (EngineException e) {
            if (journal.fold().state() != ContainerState.EXITED || journal.isClosed()) {
                context.problems()
                        .clear(container.id(), Problems.Kind.UNREMOVED); // the end of its next run tries again
                throw e;
            }
            context.problems()
                    .report(container.id(), Problems.Kind.UNREMOVED, "it is not removed yet: " + e.getMessage());
            context.background().schedule("the removal of " + container.name(), REMOVAL_PAUSE, this::removeIfAsked);
        }
    }
}
