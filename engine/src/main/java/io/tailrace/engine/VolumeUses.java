package io.tailrace.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which volumes are in use: by the containers there are, and by those that are being made, so that none is removed while a
 * container that is to have it is made. Thread-safe. Its lock is held while the registry is asked, and not while the runtime
 * works.
 */
final class VolumeUses {
    private final Registry registry;
    private final Problems problems;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** By volume: the containers that are being made with it. */
    @GuardedBy("lock") private final Map<String, Claims> claims = new HashMap<>();

    /** Volumes that are being removed. */
    @GuardedBy("lock") private final Set<String> leaving = new HashSet<>();

    VolumeUses(Registry registry, Problems problems) {
        this.registry = registry;
        this.problems = problems;
    }

    /** How many hold a volume, and whether there were several at a time since the first of them. */
    private record Claims(int count, boolean wereShared) {}

    /** Keeps a volume from removal; waits for one that has begun. */
    void claim(String name) {
        lock.lock();
        try {
            awaitLeft(name);
            Claims held = claims.get(name);
            claims.put(name, held == null ? new Claims(1, false) : new Claims(held.count() + 1, true));
        } finally {
            lock.unlock();
        }
    }

    /** Gives a claim up. */
    void release(String name) {
        lock.lock();
        try {
            Claims held = claims.remove(name);
            if (held != null && held.count() > 1) {
                claims.put(name, new Claims(held.count() - 1, held.wereShared()));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether nobody but the one that holds a claim has had to do with a volume since. */
    boolean isHeldAlone(String name) {
        lock.lock();
        try {
            Claims held = claims.get(name);
            return held != null && !held.wereShared() && user(name, null) == null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Removes a volume while nobody can take it.
     *
     * @param owner a container that may have it all the same, because it is being removed
     * @throws EngineException FAILED_PRECONDITION if somebody else has it
     */
    void alone(String name, @Nullable EngineContainer owner, Runnable removal) {
        checkKnown();
        lock.lock();
        try {
            awaitLeft(name);
            EngineContainer user = user(name, owner);
            if (user != null || claims.containsKey(name)) {
                throw new EngineException(
                        ErrorCode.FAILED_PRECONDITION,
                        "volume %s is used by %s (expected: that removed first)"
                                .formatted(
                                        name,
                                        user == null ? "a container that is being made" : "container " + user.name()));
            }
            leaving.add(name);
        } finally {
            lock.unlock();
        }
        try {
            removal.run();
        } finally {
            lock.lock();
            try {
                leaving.remove(name);
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    @GuardedBy("lock") private void awaitLeft(String name) {
        while (leaving.contains(name)) {
            changed.awaitUninterruptibly();
        }
    }

    /** Those that a container has, or one that is being made is to. */
    Set<String> all() {
        lock.lock();
        try {
            Set<String> all = new HashSet<>(claims.keySet());
            registry.list().stream()
                    .filter(container -> container.status().state() != ContainerState.REMOVED)
                    .forEach(container ->
                            all.addAll(VolumeMounts.names(container.spec().mounts())));
            return all;
        } finally {
            lock.unlock();
        }
    }

    /** @throws EngineException FAILED_PRECONDITION while there are containers of which nobody knows what they have */
    void checkKnown() {
        if (problems.areThere(Problems.Kind.UNOPENED)) {
            throw new EngineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "volumes: none can be removed while a container's timeline cannot be opened (it may have any)");
        }
    }

    @GuardedBy("lock") private @Nullable EngineContainer user(String name, @Nullable EngineContainer except) {
        for (EngineContainer container : registry.list()) {
            if (container != except
                    && container.status().state() != ContainerState.REMOVED
                    && VolumeMounts.names(container.spec().mounts()).contains(name)) {
                return container;
            }
        }
        return null;
    }
}
