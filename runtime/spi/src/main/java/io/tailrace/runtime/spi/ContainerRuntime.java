package io.tailrace.runtime.spi;

import java.util.List;
import java.util.Optional;

/**
 * An engine underneath that starts processes in containers: containerd, a Docker Engine, Kubernetes.
 *
 * <p>Every method is blocking, thread-safe and bounded in time by the runtime; failures are
 * {@link ContainerRuntimeException}s. Containers and their processes outlive this object: {@link #close} ends the
 * connection, not the containers.
 */
public interface ContainerRuntime extends AutoCloseable {
    /** The runtime's name, version and optional abilities; never changes while it is open. */
    RuntimeInfo info();

    /** The runtime's image store. */
    Images images();

    /** The runtime's named volumes. Needs {@link Capability#VOLUMES}. */
    Volumes volumes();
    /** The runtime's user-defined networks. @throws ContainerRuntimeException UNSUPPORTED without {@link Capability#NETWORKS} */
    Networks networks();

    /**
     * Makes a container from an image that is present: file system, configuration and network, but no process.
     *
     * @throws ContainerRuntimeException NOT_FOUND if the image or a volume is absent, ALREADY_EXISTS if the id is taken,
     *     INVALID_ARGUMENT or UNSUPPORTED naming the option; nothing is left behind
     * @throws ContainerRuntimeException NOT_FOUND if the image or a network is absent, ALREADY_EXISTS if the id is taken,
     *     INVALID_ARGUMENT or UNSUPPORTED naming the option, FAILED_PRECONDITION if an address in a network is taken, which
     *     {@link RuntimeProcess#start} may say instead; nothing is left behind
     */
    RuntimeContainer create(ContainerSpec spec);

    /**
     * Finds a container again, after a restart of this server, by the handle it gave at its creation.
     *
     * @throws ContainerRuntimeException NOT_FOUND if the runtime no longer has it
     */
    RuntimeContainer recover(String handle);

    /**
     * Handles of all containers in this runtime that were made through this interface, known to the caller or not,
     * so that leftovers of a create that was cut short can be found and removed.
     */
    List<String> handles();

    /**
     * Containers that others made, to be followed as well; empty where this runtime is not configured to show them. None of
     * them is ever among {@link #handles}. Of one of them {@link RuntimeContainer#prepare} hands over a run that others
     * have begun, whose {@link RuntimeProcess#start} then does nothing, and {@link RuntimeProcess#delete} only forgets the
     * run.
     */
    default Optional<ForeignContainers> foreign() {
        return Optional.empty();
    }

    /** Ends the connection. Containers keep running and keep waiting on their pipes. */
    @Override
    void close();
}
