package io.tailrace.runtime.spi;

import java.util.List;

/**
 * A runtime's user-defined networks: those that were made through this interface, and no others. Blocking and thread-safe.
 * Needs {@link Capability#NETWORKS}.
 *
 * <p>From the moment a container's init process is started until it has ended, the containers of a network find each other
 * by the names of their {@link ContainerSpec.NetworkAttachment}s.
 */
public interface Networks {
    /**
     * Makes a network.
     *
     * @throws ContainerRuntimeException ALREADY_EXISTS if the name is taken; FAILED_PRECONDITION if the subnet is, by another
     *     network or by a route of the host; RESOURCE_EXHAUSTED if none is free
     */
    Network create(NetworkSpec spec);

    /** The network of a name. @throws ContainerRuntimeException NOT_FOUND */
    Network get(String name);

    /** All networks, in no particular order. */
    List<Network> list();

    /**
     * Removes a network and all that was made for it.
     *
     * @throws ContainerRuntimeException NOT_FOUND; FAILED_PRECONDITION while a container is to be attached to it
     */
    void remove(String name);
}
