package io.tailrace.engine;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is wrong now and heals by itself or by an operator: a full disk, a container that cannot be adopted. Thread-safe. */
final class Problems {
    private static final Logger log = LoggerFactory.getLogger(Problems.class);

    /** By timeline id. */
    private final Map<String, String> current = new ConcurrentHashMap<>();

    void report(String timelineId, String problem) {
        if (!problem.equals(current.put(timelineId, problem))) {
            log.warn("{}: {}", timelineId, problem);
        }
    }

    void clear(String timelineId) {
        String healed = current.remove(timelineId);
        if (healed != null) {
            log.info("{}: no longer: {}", timelineId, healed);
        }
    }

    /** What is wrong with a timeline; empty if nothing is. */
    String of(String timelineId) {
        return current.getOrDefault(timelineId, "");
    }

    List<String> list() {
        return current.entrySet().stream()
                .map(problem -> problem.getKey() + ": " + problem.getValue())
                .sorted()
                .toList();
    }
}
