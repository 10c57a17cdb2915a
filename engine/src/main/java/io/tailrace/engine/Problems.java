package io.tailrace.engine;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is wrong now and heals by itself or by an operator: a full disk, a container that cannot be adopted. A timeline may
 * have one problem of each kind at a time; whoever reports one clears that kind, and no other. Thread-safe.
 */
final class Problems {
    private static final Logger log = LoggerFactory.getLogger(Problems.class);

    /** By timeline id. The inner maps are never changed, and never empty. */
    private final Map<String, Map<Kind, String>> current = new ConcurrentHashMap<>();

    /** What part of the work on a timeline does not get on. In the order in which they are told. */
    enum Kind {
        /** Its timeline cannot be opened. */
        UNOPENED,
        /** Its process is not adopted yet. */
        UNADOPTED,
        /** Its output or its lifecycle records wait for the disk. */
        WAITING,
        /** Output was dropped, and no Gap says so yet. */
        DROPPING,
        /** Its output cannot be reached. */
        UNCAPTURED,
        /** Its run did not end in order. */
        UNENDED,
        /** Its restart is due, and it is not started yet. */
        UNSTARTED,
        /** What its health check finds cannot be recorded. */
        UNPROBED,
        /** It is not removed yet. */
        UNREMOVED,
        /** The runtime does not forget its process. */
        KEPT,
        /** It was renamed, and the others in its networks do not know yet. */
        UNNAMED
    }

    void report(String timelineId, Kind kind, String problem) {
        current.compute(timelineId, (id, known) -> {
            if (known != null && problem.equals(known.get(kind))) {
                return known;
            }
            log.warn("{}: {}", id, problem);
            Map<Kind, String> next = known == null ? new EnumMap<>(Kind.class) : new EnumMap<>(known);
            next.put(kind, problem);
            return next;
        });
    }

    void clear(String timelineId, Kind kind) {
        current.computeIfPresent(timelineId, (id, known) -> {
            if (!known.containsKey(kind)) {
                return known;
            }
            log.info("{}: no longer: {}", id, known.get(kind));
            Map<Kind, String> next = new EnumMap<>(known);
            next.remove(kind);
            return orNull(next);
        });
    }

    private static @Nullable Map<Kind, String> orNull(Map<Kind, String> problems) {
        return problems.isEmpty() ? null : problems;
    }

    /** Forgets a timeline that is gone. */
    void forget(String timelineId) {
        current.remove(timelineId);
    }

    /** Whether any container's own timeline has a problem of a kind; those of execs do not count. */
    boolean areThere(Kind kind) {
        return current.entrySet().stream()
                .anyMatch(problem ->
                        problem.getValue().containsKey(kind) && problem.getKey().indexOf('/') < 0);
    }

    /** What is wrong with a timeline; empty if nothing is. */
    String of(String timelineId) {
        return String.join("; ", current.getOrDefault(timelineId, Map.of()).values());
    }

    /** One line for each timeline with something wrong. */
    List<String> list() {
        return current.entrySet().stream()
                .map(problem -> problem.getKey() + ": "
                        + String.join("; ", problem.getValue().values()))
                .sorted()
                .toList();
    }
}
