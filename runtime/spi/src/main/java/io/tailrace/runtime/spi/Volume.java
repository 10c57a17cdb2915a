package io.tailrace.runtime.spi;

import java.time.Instant;
import java.util.Map;

/**
 * A named volume in a runtime.
 *
 * @param name {@link Volumes#NAME}
 * @param labels as the user gave them
 * @param path where its files are on the runtime's host, for people to read
 * @param madeFor the id of the container that it was made for because that named none; empty for one that has a name
 */
public record Volume(String name, Map<String, String> labels, Instant createdAt, String path, String madeFor) {
    /** Copies the map. */
    public Volume {
        labels = Map.copyOf(labels);
    }

    /** Whether it was made for a container that named none. */
    public boolean isAnonymous() {
        return !madeFor.isEmpty();
    }
}
