package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeContainer;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The execs of one container. Thread-safe. */
final class Execs {
    private static final Logger log = LoggerFactory.getLogger(Execs.class);

    private final EngineContext context;
    private final EngineContainer container;
    private final Map<String, EngineExec> execs = new ConcurrentHashMap<>();

    /** Those whose timeline could not be opened, for a reason that may pass. */
    private final Set<String> unopened = ConcurrentHashMap.newKeySet();

    /** Those that were opened only after their container was adopted. */
    private final Set<EngineExec> waiting = ConcurrentHashMap.newKeySet();

    /** Those that could not begin to start and could not be deleted either. */
    private final Set<EngineExec> unstarted = ConcurrentHashMap.newKeySet();

    Execs(EngineContext context, EngineContainer container) {
        this.context = context;
        this.container = container;
    }

    /**
     * Opens the timelines of those that are in the data directory, but such as cannot be. None is adopted yet.
     *
     * @return whether all could be
     */
    boolean load() {
        for (String id : context.data().execIds(container.id())) {
            if (!open(id)) {
                unopened.add(id);
            }
        }
        return unopened.isEmpty();
    }

    private boolean open(String id) {
        String timelineId = container.id() + "/" + id;
        try {
            load(id);
            context.problems().clear(timelineId, Problems.Kind.UNOPENED);
            return true;
        } catch (RuntimeException e) {
            // Its directory stays for people to look at.
            context.problems()
                    .report(timelineId, Problems.Kind.UNOPENED, "its timeline cannot be opened: " + e.getMessage());
            return false;
        }
    }

    private void load(String id) {
        Journal journal = Journals.open(context, container.id(), id, container.timelineBytesMax());
        try {
            if (Journals.isUnmade(journal)) {
                journal.close();
                context.data().deleteExec(container.id(), id);
                return;
            }
            execs.put(id, new EngineExec(context, container, id, journal));
            if (context.isClosing().get()) {
                journal.closeAnyway();
            }
        } catch (RuntimeException e) {
            journal.closeAfter(e);
            throw e;
        }
    }

    void adopt(Optional<RuntimeContainer> runtimeContainer) {
        execs.values().forEach(exec -> exec.adopt(runtimeContainer));
    }

    /** Tries again what could not be done before, as when the container was adopted. For one thread at a time. */
    void retry(Optional<RuntimeContainer> runtimeContainer) {
        unopened.removeIf(id -> {
            boolean isOpen = open(id);
            EngineExec opened = execs.get(id);
            if (isOpen && opened != null) {
                waiting.add(opened);
            }
            return isOpen;
        });
        waiting.removeIf(exec -> isAdopted(exec, runtimeContainer));
        unstarted.removeIf(this::isDeleted);
        execs.values().forEach(exec -> exec.process().discards().discardKept());
    }

    private boolean isAdopted(EngineExec exec, Optional<RuntimeContainer> runtimeContainer) {
        try {
            exec.adopt(runtimeContainer);
            context.problems().clear(exec.timelineId(), Problems.Kind.UNADOPTED);
            return true;
        } catch (ContainerRuntimeException | EngineException e) {
            context.problems()
                    .report(exec.timelineId(), Problems.Kind.UNADOPTED, "it is not adopted yet: " + e.getMessage());
            return false;
        }
    }

    private boolean isDeleted(EngineExec exec) {
        try {
            delete(exec);
            return true;
        } catch (EngineException e) {
            log.debug("exec {} is not deleted yet", exec.timelineId(), e);
            return false;
        }
    }

    EngineExec start(NewExec request, ProcessSpec init, Supplier<RuntimeContainer> runtimeContainer) {
        String id = request.id().isEmpty() ? Names.id() : request.id();
        EngineExec exec;
        // Making a timeline is short; the lock keeps two requests with one id apart.
        synchronized (this) {
            EngineExec present = execs.get(id);
            if (present != null) {
                if (present.request().equals(request)) {
                    return present;
                }
                throw new EngineException(
                        ErrorCode.ALREADY_EXISTS,
                        "exec id: %s (expected: one that is not taken in %s)".formatted(id, container.id()));
            }
            int max = context.config().execsPerContainerMax();
            if (execs.size() >= max) {
                throw new EngineException(
                        ErrorCode.RESOURCE_EXHAUSTED,
                        "execs of container %s: %d (expected: at most %d)"
                                .formatted(container.id(), execs.size(), max));
            }
            exec = make(id, request, ProcessDefaults.exec(request, init));
            execs.put(id, exec);
        }
        if (context.isClosing().get()) {
            exec.process().journal().closeAnyway();
        }
        try {
            exec.start(runtimeContainer.get());
        } catch (RuntimeException e) {
            if (exec.status().state() == ContainerState.CREATED) {
                forget(exec, e);
            }
            throw e;
        }
        return exec;
    }

    /** One that could not even begin to start is not there, so that the same request may be made again. */
    private void forget(EngineExec exec, RuntimeException failure) {
        try {
            delete(exec);
        } catch (EngineException e) {
            failure.addSuppressed(e);
            unstarted.add(exec);
        }
    }

    private void delete(EngineExec exec) {
        context.data().raiseFeedFloor(exec.process().journal().fold().lastFeed());
        execs.remove(exec.id());
        exec.process().journal().closeAnyway();
        context.data().deleteExec(container.id(), exec.id());
        context.problems().forget(exec.timelineId());
    }

    private EngineExec make(String id, NewExec request, ProcessSpec spec) {
        Journal journal = Journals.create(context, container.id(), id, container.timelineBytesMax());
        try {
            journal.made(EngineExec.made(request, spec, container.name()));
            return new EngineExec(context, container, id, journal);
        } catch (RuntimeException e) {
            journal.closeAfter(e);
            context.data().deleteAfter(e, container.id(), id);
            throw e;
        }
    }

    EngineExec get(String id) {
        EngineExec exec = execs.get(id);
        if (exec == null) {
            throw new EngineException(
                    ErrorCode.NOT_FOUND, "exec: %s (expected: one of container %s)".formatted(id, container.id()));
        }
        return exec;
    }

    List<EngineExec> list() {
        return execs.values().stream()
                .sorted(Comparator.comparing((EngineExec exec) -> exec.status().createdAt())
                        .thenComparing(EngineExec::id))
                .toList();
    }

    /** Waits for execs to end, whose container has; those of which the runtime says nothing are ended here. */
    void end(Collection<EngineExec> left) {
        Time time = context.time();
        long deadlineNanos = time.nanos() + context.config().drainTimeout().toNanos();
        for (EngineExec exec : left) {
            try {
                Duration remaining = Duration.ofNanos(Math.max(0, deadlineNanos - time.nanos()));
                ProcessRun run = exec.process().run();
                if (!time.await(exec.process().done(), remaining) && run != null) {
                    run.giveUp("its container ended, and the runtime did not say how it did");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (ExecutionException e) {
                log.debug("exec {} had ended badly", exec.timelineId(), e);
            }
        }
    }

    /** Deletes the timelines of execs that ended longer ago than this. */
    void purge(Duration retention, long nowNanos) {
        for (EngineExec exec : List.copyOf(execs.values())) {
            Fold fold = exec.process().journal().fold();
            if (fold.state().isDone() && nowNanos - fold.changedAtNanos() >= retention.toNanos()) {
                delete(exec);
            }
        }
    }

    long lastFeed() {
        return execs.values().stream()
                .mapToLong(exec -> exec.process().journal().fold().lastFeed())
                .max()
                .orElse(0);
    }
}
