package io.tailrace.client;

import java.util.Map;

/**
 * Which containers to list.
 *
 * @param isAll also those that do not run
 * @param isRemoved also removed ones whose timelines are still there
 * @param labels only those with all of these; an empty value matches any
 */
public record ListOptions(boolean isAll, boolean isRemoved, Map<String, String> labels) {
    /** Copies the map. */
    public ListOptions {
        labels = Map.copyOf(labels);
    }

    /** Those that run. */
    public static ListOptions running() {
        return new ListOptions(false, false, Map.of());
    }

    /** All but removed ones. */
    public static ListOptions all() {
        return new ListOptions(true, false, Map.of());
    }
}
