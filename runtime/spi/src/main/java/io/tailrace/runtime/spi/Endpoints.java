package io.tailrace.runtime.spi;

import java.util.List;

/**
 * Where a container can be reached now.
 *
 * @param address its own on the bridge; empty if it has none
 * @param ports those that are published, each with its host port: while its init process runs, or sooner; none without one
 */
public record Endpoints(String address, List<ContainerSpec.Port> ports) {
    /** Nowhere. */
    public static final Endpoints NONE = new Endpoints("", List.of());

    /** Copies the list. */
    public Endpoints {
        ports = List.copyOf(ports);
    }
}
