package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ForeignContainer;
import io.tailrace.runtime.spi.ForeignContainers;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the containers that others made: adopts those that run, and records what others do to them. It changes none. Each
 * container has one task at a time, which is begun when the runtime tells that something happened to it, and every few
 * seconds, because that may be missed. Thread-safe.
 */
final class ForeignWatch {
    private static final Logger log = LoggerFactory.getLogger(ForeignWatch.class);
    private static final Duration PERIOD = Duration.ofSeconds(5);

    /** How long the end of a run is waited for, so that what came after it can be recorded; then it is looked at again. */
    private static final Duration END_TIMEOUT = Duration.ofSeconds(60);

    /** How many containers the runtime is asked about at once. */
    private static final int ASKED_AT_ONCE = 8;

    private final EngineContext context;
    private final Registry registry;
    private final ForeignAdoption adoption;

    private final Semaphore asked = new Semaphore(ASKED_AT_ONCE);

    /** Containers with a task; true if another look is due after it. */
    private final Map<String, Boolean> turns = new ConcurrentHashMap<>();

    ForeignWatch(EngineContext context, Registry registry) {
        this.context = context;
        this.registry = registry;
        adoption = new ForeignAdoption(context, registry);
    }

    /** Begins to follow, or ends what an earlier server followed if this one is not to. */
    void begin() {
        context.runtime()
                .foreign()
                .ifPresentOrElse(
                        foreign -> {
                            foreign.listen(id -> tell(foreign, id));
                            context.background().run("the look for foreign containers", () -> sweep(foreign));
                            context.background()
                                    .repeat("the look for foreign containers", PERIOD, () -> sweep(foreign));
                        },
                        () -> context.background().run("the end of foreign containers", this::leaveAll));
    }

    private void leaveAll() {
        registry.list().stream().filter(EngineContainer::isForeign).forEach(container -> {
            try {
                container.removedByOthers("it is not followed any more");
            } catch (RuntimeException e) {
                log.warn(
                        "container {} is not followed any more, and its timeline says so with the next start",
                        container.id(),
                        e);
            }
        });
    }

    private void sweep(ForeignContainers foreign) {
        Set<String> ids = new LinkedHashSet<>();
        registry.list().stream()
                .filter(container -> container.isForeign() && container.status().state() != ContainerState.REMOVED)
                .forEach(container -> ids.add(container.id()));
        try {
            ids.addAll(foreign.running());
        } catch (ContainerRuntimeException e) {
            log.debug("foreign containers are not listed", e);
        }
        ids.forEach(id -> tell(foreign, id));
    }

    /** Something may have happened to a container. Returns at once. */
    private void tell(ForeignContainers foreign, String id) {
        if (turns.merge(id, false, (present, _) -> true)) {
            return; // its task looks once more
        }
        context.background().run("following " + id, () -> {
            boolean isDue = true;
            while (isDue) {
                try {
                    look(foreign, id);
                } catch (RuntimeException e) {
                    log.debug("container {} is not followed now", id, e);
                }
                isDue = turns.computeIfPresent(id, (_, isAgain) -> isAgain ? false : null) != null;
            }
        });
    }

    private void look(ForeignContainers foreign, String id) {
        EngineContainer known = registry.get(id);
        if (known != null && (!known.isForeign() || known.status().state() == ContainerState.REMOVED)) {
            return;
        }
        var found = ask(foreign, id);
        if (known == null) {
            if (found.isPresent() && found.get().hasNewRun()) {
                adopt(found.get());
            } else {
                context.problems().clear(id, Problems.Kind.UNADOPTED);
            }
        } else if (found.isPresent()) {
            record(foreign, known, found.get());
        } else {
            awaitEnd(known);
            known.removedByOthers("removed by others");
        }
    }

    private Optional<ForeignContainer> ask(ForeignContainers foreign, String id) {
        asked.acquireUninterruptibly(); // the runtime bounds what each takes
        try {
            return foreign.look(id);
        } finally {
            asked.release();
        }
    }

    private void adopt(ForeignContainer found) {
        try {
            EngineContainer adopted = adoption.adopt(found);
            if (adopted != null) {
                log.info("following container {} ({}), which others made", adopted.name(), adopted.id());
                adopted.takeOver();
            }
            context.problems().clear(found.id(), Problems.Kind.UNADOPTED);
        } catch (RuntimeException e) {
            // It may be gone, or the engine away, for a moment: then there is nothing to be mended.
            boolean isPassing = e instanceof EngineException known
                    && (known.code() == ErrorCode.NOT_FOUND || known.code() == ErrorCode.UNAVAILABLE);
            if (!isPassing) {
                context.problems()
                        .report(
                                found.id(),
                                Problems.Kind.UNADOPTED,
                                "container %s is not followed: %s".formatted(found.name(), e.getMessage()));
            }
            throw e;
        }
    }

    /** Brings the timeline up to what others have done. */
    private void record(ForeignContainers foreign, EngineContainer container, ForeignContainer found) {
        rename(container, found);
        if (found.hasNewRun()) {
            awaitEnd(container);
            // Somebody may have taken it over meanwhile, by a start of their own.
            if (ask(foreign, container.id()).filter(ForeignContainer::hasNewRun).isPresent()) {
                container.takeOver();
            }
            return;
        }
        ContainerState state = container.status().state();
        if (state == ContainerState.RUNNING && found.status() == RuntimeProcess.Status.PAUSED) {
            container.journal().become(ContainerState.PAUSED, Map.of());
        } else if (state == ContainerState.PAUSED && found.status() == RuntimeProcess.Status.RUNNING) {
            container.journal().become(ContainerState.RUNNING, Map.of());
        }
    }

    private void rename(EngineContainer container, ForeignContainer found) {
        String old = container.name();
        if (found.name().equals(old) || ForeignAdoption.withId(found).equals(old)) {
            return;
        }
        String name = found.name();
        try {
            registry.take(name, container.id());
        } catch (EngineException e) {
            name = ForeignAdoption.withId(found);
            registry.take(name, container.id());
        }
        Map<String, String> attributes = new HashMap<>();
        attributes.put(LifecycleEntry.NAME, name);
        attributes.put(Terms.OLD_NAME, old);
        try {
            container.journal().amend(Amendments.RENAMED, attributes);
        } catch (EngineException e) {
            registry.free(name, container.id());
            throw e;
        }
        registry.free(old, container.id());
    }

    private static void awaitEnd(EngineContainer container) {
        try {
            var _ = container
                    .journal()
                    .await(fold -> fold.state().isDone() || fold.state() == ContainerState.CREATED, END_TIMEOUT);
        } catch (InterruptedException e) {
            throw EngineProcess.interrupted(e);
        }
    }
}
