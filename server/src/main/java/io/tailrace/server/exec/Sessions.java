package io.tailrace.server.exec;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that are open now: bounds those that can do more than watch, and keeps client ids apart. It forgets a
 * session when its client leaves. Thread-safe.
 */
final class Sessions {
    private final int sessionsMax;
    private final int sessionsPerContainerMax;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock") private int interactive;

    @GuardedBy("lock") private final Map<String, Integer> interactivePerContainer = new HashMap<>();

    @GuardedBy("lock") private final Map<String, Watched> processes = new HashMap<>();

    Sessions(int sessionsMax, int sessionsPerContainerMax) {
        this.sessionsMax = sessionsMax;
        this.sessionsPerContainerMax = sessionsPerContainerMax;
    }

    /** One process, while it has sessions. */
    private static final class Watched {
        private final Set<String> clientIds = new HashSet<>();

        /** Writers take turns: each write begins where the one before ended. */
        private final ReentrantLock stdin = new ReentrantLock();

        private int sessions;
    }

    /** An open session. */
    final class Attached implements AutoCloseable {
        private final SessionTarget target;
        private final String clientId;
        private final Watched watched;

        private Attached(SessionTarget target, String clientId, Watched watched) {
            this.target = target;
            this.clientId = clientId;
            this.watched = watched;
        }

        /** Held while writing to the process's stdin. */
        ReentrantLock stdin() {
            return watched.stdin;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                watched.clientIds.remove(clientId);
                if (--watched.sessions == 0) {
                    processes.remove(target.process().timelineId());
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** The room that one session takes up among those that can do more than watch; none at first. Used by one thread. */
    final class Room implements AutoCloseable {
        private @Nullable String containerId;

        /** Takes it, if that was not done before. Refuses what would be one session too many: RESOURCE_EXHAUSTED. */
        void take(String container) {
            lock.lock();
            try {
                if (containerId != null) {
                    return;
                }
                requireRoom(
                        "sessions of container " + container,
                        interactivePerContainer.getOrDefault(container, 0),
                        sessionsPerContainerMax);
                requireRoom("sessions", interactive, sessionsMax);
                interactive++;
                interactivePerContainer.merge(container, 1, Integer::sum);
                containerId = container;
            } finally {
                lock.unlock();
            }
        }

        /** Gives it back. */
        @Override
        public void close() {
            lock.lock();
            try {
                if (containerId != null) {
                    interactive--;
                    interactivePerContainer.computeIfPresent(containerId, (id, count) -> count == 1 ? null : count - 1);
                    containerId = null;
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** Room for a session that is about to be opened. */
    Room room() {
        return new Room();
    }

    /** Opens a session. RESOURCE_EXHAUSTED, or ALREADY_EXISTS if the client id has one with this process. */
    Attached attach(SessionTarget target, String clientId, Room room) {
        if (target.isInteractive()) {
            room.take(target.container().id());
        }
        lock.lock();
        try {
            @Nullable Watched watched = processes.get(target.process().timelineId());
            if (watched != null && !clientId.isEmpty() && watched.clientIds.contains(clientId)) {
                throw new EngineException(
                        ErrorCode.ALREADY_EXISTS,
                        "client_id: %s has a session already (expected: one that is not in use)".formatted(clientId));
            }
            Watched entry = processes.computeIfAbsent(target.process().timelineId(), id -> new Watched());
            entry.sessions++;
            if (!clientId.isEmpty()) {
                entry.clientIds.add(clientId);
            }
            return new Attached(target, clientId, entry);
        } finally {
            lock.unlock();
        }
    }

    private static void requireRoom(String what, int count, int max) {
        if (count >= max) {
            throw new EngineException(
                    ErrorCode.RESOURCE_EXHAUSTED, "%s: %d are open (expected: at most %d)".formatted(what, count, max));
        }
    }
}
