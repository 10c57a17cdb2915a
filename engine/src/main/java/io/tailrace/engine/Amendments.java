package io.tailrace.engine;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import io.tailrace.runtime.spi.ResourceUsage;
import io.tailrace.runtime.spi.RuntimeContainer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Changes what a container was made with: its limits, its restart policy, its name. What is changed is recorded, so that it
 * holds for the next run and the next server. Thread-safe: one change at a time.
 */
final class Amendments {
    private static final String UPDATED = "updated";
    static final String RENAMED = "renamed";

    /** How long a start that goes on is waited for, whose process may or may not have the old limits. */
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    /** How often the limits are given to a container that is started or ends meanwhile. */
    private static final int ATTEMPTS_MAX = 5;

    private final EngineContext context;
    private final EngineContainer container;
    private final Journal journal;
    private final Registry registry;
    private final Restarter restarter;
    private final Supplier<RuntimeContainer> inRuntime;
    private final ReentrantLock lock = new ReentrantLock();

    /** @param inRuntime the runtime's container; FAILED_PRECONDITION if there is none */
    Amendments(
            EngineContext context,
            EngineContainer container,
            Registry registry,
            Restarter restarter,
            Supplier<RuntimeContainer> inRuntime) {
        this.context = context;
        this.container = container;
        this.journal = container.journal();
        this.registry = registry;
        this.restarter = restarter;
        this.inRuntime = inRuntime;
    }

    /** Changes its limits and its restart policy, or nothing. */
    void update(ContainerUpdate update) {
        lock.lock();
        try {
            NewContainer request = container.request();
            Checks.update(update, request);
            checkPresent(UPDATED);
            if (update.hasLimits()) {
                Limits next = update.over(request.limits());
                RuntimeContainer present = limitable();
                checkMemory(present, update, next);
                limit(present, next);
                amendOrUndo(update, present, request.limits());
            } else {
                journal.amend(UPDATED, Terms.attributes(update));
            }
            RestartPolicy restart = update.restart();
            if (restart != null && restart.kind() == RestartPolicy.Kind.NO) {
                restarter.cancel();
            }
        } finally {
            lock.unlock();
        }
    }

    private void checkPresent(String wanted) {
        if (journal.fold().state() == ContainerState.REMOVED) {
            throw journal.illegal(wanted);
        }
        if (container.isForeign()) {
            throw new EngineException(
                    ErrorCode.UNSUPPORTED,
                    "%s is foreign, and not to be %s here (expected: one that was made here)"
                            .formatted(journal.title(), wanted));
        }
    }

    private RuntimeContainer limitable() {
        if (!can(Capability.UPDATE_LIMITS)) {
            throw new EngineException(
                    ErrorCode.UNSUPPORTED,
                    "limits of %s: runtime %s cannot change them"
                            .formatted(journal.title(), context.runtime().info().name()));
        }
        return inRuntime.get();
    }

    private boolean can(Capability capability) {
        return context.runtime().info().capabilities().contains(capability);
    }

    /** Of cgroups of version 2 the kernel would not refuse less than is in use, but kill for it. */
    private void checkMemory(RuntimeContainer present, ContainerUpdate update, Limits next) {
        boolean isLimited = update.memoryBytes() != null && next.memoryBytes() != 0;
        if (!isLimited || !can(Capability.USAGE) || !journal.fold().state().isUp()) {
            return;
        }
        ResourceUsage usage;
        try {
            usage = present.usage();
        } catch (ContainerRuntimeException e) {
            if (e.code() == ContainerRuntimeException.Code.FAILED_PRECONDITION) {
                return; // it has just ended
            }
            throw RuntimeCalls.failure(e);
        }
        if (usage.memoryBytes() > next.memoryBytes()) {
            throw new EngineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "memory: %d (expected: 0, or at least the %d that %s uses now)"
                            .formatted(next.memoryBytes(), usage.memoryBytes(), journal.title()));
        }
    }

    /** Has the runtime know limits, also where it has just begun to start the process with the old ones. */
    private void limit(RuntimeContainer present, Limits next) {
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            awaitStarted();
            Fold fold = journal.fold();
            RuntimeCalls.run(() -> present.update(next));
            if (journal.fold().state() == fold.state() && journal.fold().exits() == fold.exits()) {
                return;
            }
        }
    }

    private void awaitStarted() {
        try {
            if (!journal.await(fold -> fold.state() != ContainerState.STARTING, START_TIMEOUT)) {
                throw new EngineException(
                        ErrorCode.DEADLINE_EXCEEDED,
                        "%s is still being started (expected: within %s)".formatted(journal.title(), START_TIMEOUT));
            }
        } catch (InterruptedException e) {
            throw EngineProcess.interrupted(e);
        }
    }

    /** What cannot be recorded, as on a full disk, has not happened. */
    private void amendOrUndo(ContainerUpdate update, RuntimeContainer present, Limits before) {
        try {
            journal.amend(UPDATED, Terms.attributes(update));
        } catch (EngineException e) {
            try {
                present.update(before);
            } catch (ContainerRuntimeException failure) {
                e.addSuppressed(failure);
            }
            throw e;
        }
    }

    /** Gives it another name; its old one is free at once. A name that it has already is no error. */
    void rename(String name) {
        Checks.name(name);
        lock.lock();
        try {
            checkPresent(RENAMED);
            String old = container.name();
            if (name.equals(old)) {
                return;
            }
            registry.take(name, container.id());
            try {
                Map<String, String> attributes = new HashMap<>();
                attributes.put(LifecycleEntry.NAME, name);
                attributes.put(Terms.OLD_NAME, old);
                journal.amend(RENAMED, attributes);
            } catch (RuntimeException e) {
                registry.free(name, container.id());
                throw e;
            }
            registry.free(old, container.id());
            container.tellNames();
            if (journal.fold().state() == ContainerState.REMOVED) {
                registry.free(name, container.id());
            }
        } finally {
            lock.unlock();
        }
    }
}
