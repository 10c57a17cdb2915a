package io.tailrace.runtime.spi;

import java.util.List;

/**
 * Where a container can be reached now.
 *
 * @param address its own on the bridge, or in the first of its networks; empty if it has none
 * @param ports those that are published, each with its host port: while its init process runs, or sooner; none without one
 * @param networks its address in each of its networks, and its names there: while its init process runs, or sooner
 */
public record Endpoints(
        String address, List<ContainerSpec.Port> ports, List<ContainerSpec.NetworkAttachment> networks) {
    /** Nowhere. */
    public static final Endpoints NONE = new Endpoints("", List.of(), List.of());

    /** Copies the lists. */
    public Endpoints {
        ports = List.copyOf(ports);
        networks = List.copyOf(networks);
    }
}
