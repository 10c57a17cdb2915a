package io.tailrace.client;

import java.util.List;

/**
 * What a prune has removed.
 *
 * @param volumes their names
 * @param reclaimedBytes what that has freed on the runtime's disk
 */
public record PrunedVolumes(List<String> volumes, long reclaimedBytes) {
    /** Copies the list. */
    public PrunedVolumes {
        volumes = List.copyOf(volumes);
    }
}
