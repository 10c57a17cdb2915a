package io.tailrace.engine;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which of what nobody uses is to go.
 *
 * @param until only what was made before; null: all
 * @param labels only what has all of these; an empty value matches any
 */
public record PruneFilter(@Nullable Instant until, Map<String, String> labels) {
    /** Copies the map. */
    public PruneFilter {
        labels = Map.copyOf(labels);
    }

    boolean matches(Instant madeAt, Map<String, String> present) {
        return (until == null || madeAt.isBefore(until)) && Labels.match(present, labels);
    }
}
