package io.tailrace.runtime.spi;

import java.util.Map;

/**
 * A volume to be made.
 *
 * @param name {@link Volumes#NAME}
 * @param labels for the user
 * @param madeFor the id of the container that it is made for because that named none; empty for one that has a name
 */
public record NewVolume(String name, Map<String, String> labels, String madeFor) {
    /** Copies the map. */
    public NewVolume {
        labels = Map.copyOf(labels);
    }

    /** One with a name. */
    public static NewVolume named(String name, Map<String, String> labels) {
        return new NewVolume(name, labels, "");
    }

    /** One of a container that named none. */
    public static NewVolume anonymous(String name, String containerId) {
        return new NewVolume(name, Map.of(), containerId);
    }
}
