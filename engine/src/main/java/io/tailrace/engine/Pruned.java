package io.tailrace.engine;

import java.util.List;

/**
 * What was removed because nobody used it.
 *
 * @param ids of containers or images
 * @param reclaimedBytes what they took on the disk
 */
public record Pruned(List<String> ids, long reclaimedBytes) {
    /** Copies the list. */
    public Pruned {
        ids = List.copyOf(ids);
    }
}
