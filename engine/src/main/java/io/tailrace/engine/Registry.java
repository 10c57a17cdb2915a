package io.tailrace.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The containers by id and name. Derived from the timelines. Thread-safe; its lock is a leaf. */
final class Registry {
    private final int containersMax;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock") private final TreeMap<String, EngineContainer> byId = new TreeMap<>();

    /** Ids by the names of containers that are not removed, and of those being made. */
    @GuardedBy("lock") private final Map<String, String> names = new HashMap<>();

    /** Ids of containers that are being made. */
    @GuardedBy("lock") private final Set<String> reserved = new HashSet<>();

    Registry(int containersMax) {
        this.containersMax = containersMax;
    }

    /**
     * Takes an id and a name for a container that is about to be made; waits while another request makes one of the
     * same id.
     *
     * @return null if they are taken now; else the container that already has the id
     * @throws EngineException ALREADY_EXISTS for the name, RESOURCE_EXHAUSTED if there are too many
     */
    @Nullable EngineContainer reserve(String id, String name) {
        lock.lock();
        try {
            while (reserved.contains(id)) {
                changed.awaitUninterruptibly();
            }
            EngineContainer present = byId.get(id);
            if (present != null) {
                return present;
            }
            checkFree(name);
            if (byId.size() + reserved.size() >= containersMax) {
                throw new EngineException(
                        ErrorCode.RESOURCE_EXHAUSTED,
                        "containers: %d (expected: at most %d, removed ones within retention included)"
                                .formatted(byId.size() + reserved.size(), containersMax));
            }
            reserved.add(id);
            names.put(name, id);
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Takes one name more for a container. @throws EngineException ALREADY_EXISTS */
    void take(String name, String id) {
        lock.lock();
        try {
            checkFree(name);
            names.put(name, id);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock") private void checkFree(String name) {
        String owner = names.get(name);
        if (owner != null && !isRemoved(owner)) {
            throw new EngineException(
                    ErrorCode.ALREADY_EXISTS,
                    "name: %s (expected: one that is not taken; container %s has it)".formatted(name, owner));
        }
    }

    @GuardedBy("lock") private boolean isRemoved(String id) {
        EngineContainer container = byId.get(id);
        return container != null && container.status().state() == ContainerState.REMOVED;
    }

    /** The container that has a name; null if none has, or one that is still being made. */
    @Nullable EngineContainer named(String name) {
        lock.lock();
        try {
            String owner = names.get(name);
            return owner == null ? null : byId.get(owner);
        } finally {
            lock.unlock();
        }
    }

    /** The container of a reservation could not be made. */
    void cancel(String id, String name) {
        lock.lock();
        try {
            reserved.remove(id);
            names.remove(name, id);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Adds a container that was made or found. */
    void add(EngineContainer container) {
        lock.lock();
        try {
            byId.put(container.id(), container);
            reserved.remove(container.id());
            if (container.status().state() != ContainerState.REMOVED) {
                names.putIfAbsent(container.name(), container.id());
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A name is free again, if it is this container's. */
    void free(String name, String id) {
        lock.lock();
        try {
            names.remove(name, id);
        } finally {
            lock.unlock();
        }
    }

    void purge(String id) {
        lock.lock();
        try {
            byId.remove(id);
        } finally {
            lock.unlock();
        }
    }

    /** All, newest first. */
    List<EngineContainer> list() {
        lock.lock();
        try {
            return byId.values().stream()
                    .sorted(Comparator.comparing((EngineContainer container) ->
                                    container.status().createdAt())
                            .thenComparing(EngineContainer::id)
                            .reversed())
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    @Nullable EngineContainer get(String id) {
        lock.lock();
        try {
            return byId.get(id);
        } finally {
            lock.unlock();
        }
    }

    /** By id, name, the name of a removed one, or a prefix of an id, in this order. */
    EngineContainer find(String reference) {
        lock.lock();
        try {
            EngineContainer byReference = byId.get(reference);
            if (byReference == null) {
                String id = names.get(reference);
                byReference = id == null ? null : byId.get(id);
            }
            if (byReference != null) {
                return byReference;
            }
        } finally {
            lock.unlock();
        }
        for (EngineContainer container : list()) {
            if (container.name().equals(reference)) {
                return container;
            }
        }
        return byPrefix(reference);
    }

    private EngineContainer byPrefix(String prefix) {
        Collection<EngineContainer> matching = prefix.isEmpty() ? List.of() : withPrefix(prefix);
        List<EngineContainer> present = new ArrayList<>(matching);
        present.removeIf(container -> container.status().state() == ContainerState.REMOVED);
        Collection<EngineContainer> candidates = present.isEmpty() ? matching : present;
        if (candidates.size() > 1) {
            throw new EngineException(
                    ErrorCode.INVALID_ARGUMENT,
                    "container: %s (expected: a prefix of one id; %d have it)".formatted(prefix, candidates.size()));
        }
        if (candidates.isEmpty()) {
            throw new EngineException(
                    ErrorCode.NOT_FOUND,
                    "container: %s (expected: the id or name of one that exists)".formatted(prefix));
        }
        return candidates.iterator().next();
    }

    private List<EngineContainer> withPrefix(String prefix) {
        lock.lock();
        try {
            return List.copyOf(byId.subMap(prefix, prefix + Character.MAX_VALUE).values());
        } finally {
            lock.unlock();
        }
    }
}
