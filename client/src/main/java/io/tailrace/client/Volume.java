package io.tailrace.client;

import java.time.Instant;
import java.util.Map;

/**
 * A named volume: a directory that outlives containers.
 *
 * @param path where its files are on the runtime's host, for people
 * @param isAnonymous whether it was made for a container that named none
 */
public record Volume(String name, Map<String, String> labels, Instant createdAt, String path, boolean isAnonymous) {
    /** Copies the map. */
    public Volume {
        labels = Map.copyOf(labels);
    }
}
