package io.tailrace.client;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which of what nobody uses is to go.
 *
 * @param until only what was made before; null: all
 * @param labels only what has all of these; an empty value matches any
 */
public record PruneOptions(@Nullable Instant until, Map<String, String> labels) {
    /** All of it. */
    public static final PruneOptions ALL = new PruneOptions(null, Map.of());

    /** Copies the map. */
    public PruneOptions {
        labels = Map.copyOf(labels);
    }
}
