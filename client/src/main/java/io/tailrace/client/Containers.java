package io.tailrace.client;

import io.tailrace.api.v1.ContainersGrpc;
import io.tailrace.api.v1.GetContainerRequest;
import io.tailrace.api.v1.ListContainersRequest;
import io.tailrace.api.v1.PruneContainersRequest;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Makes, finds and lists containers. Thread-safe. */
public final class Containers {
    private static final Duration REMOVAL_TIMEOUT = Duration.ofSeconds(30);

    private final Connection connection;

    Containers(Connection connection) {
        this.connection = connection;
    }

    /** Makes a container without starting it. NOT_FOUND if the image is not there. */
    public Container create(ContainerSpec spec) {
        return make(spec, false);
    }

    /** Makes a container without starting it. @param options is given the spec to complete */
    public Container create(String image, Consumer<ContainerSpec> options) {
        return make(spec(image, options), false);
    }

    /**
     * Makes a container and starts it. NOT_FOUND if the image is not there; COMMAND_NOT_FOUND or COMMAND_NOT_EXECUTABLE
     * if it could not be started, in which case it stays, exited with reason {@link ExitReason#START_FAILED}.
     */
    public Container run(ContainerSpec spec) {
        return make(spec, true);
    }

    /** As {@link #run(ContainerSpec)}. @param options is given the spec to complete */
    public Container run(String image, Consumer<ContainerSpec> options) {
        return make(spec(image, options), true);
    }

    /**
     * Runs a container to its end, removes it, and says how it ended, with all that it wrote: {@code output("busybox", "ls")}.
     * Fails as {@link #run(ContainerSpec)} and {@link ContainerProcess#result()} do; that the process itself failed is told
     * by the status alone.
     */
    public ProcessResult output(String image, String... command) {
        return output(new ContainerSpec(image).command(command));
    }

    /** As {@link #output(String, String...)}. @param spec of which the container is also made to be removed at its end */
    public ProcessResult output(ContainerSpec spec) {
        var container = run(spec.autoRemove());
        try {
            var result = container.result();
            // So that what it had, as its volumes, is free for whoever saw this return.
            container.waitFor(WaitCondition.REMOVED, REMOVAL_TIMEOUT);
            return result;
        } catch (TailraceException e) {
            removeAfter(e, container);
            throw e;
        }
    }

    private static void removeAfter(TailraceException failure, Container container) {
        boolean wasInterrupted = Thread.interrupted();
        try {
            container.remove(true);
        } catch (TailraceException e) {
            if (e.code() != ErrorCode.NOT_FOUND) {
                failure.addSuppressed(e);
            }
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The container with an id, an unambiguous prefix of one, or a name. NOT_FOUND. */
    public Container get(String container) {
        var found = connection.call(
                ContainersGrpc.getGetMethod(),
                GetContainerRequest.newBuilder().setContainer(container).build());
        return new Container(connection, found.getId());
    }

    /** Containers, in the server's order. */
    public List<ContainerInfo> list(ListOptions options) {
        var request = ListContainersRequest.newBuilder()
                .setAll(options.isAll())
                .setRemoved(options.isRemoved())
                .putAllLabels(options.labels())
                .build();
        return connection.call(ContainersGrpc.getListMethod(), request).getContainersList().stream()
                .map(ContainerWire::container)
                .toList();
    }

    /** Removes those that do not run and are not about to be started. */
    public Pruned prune(PruneOptions options) {
        var request = PruneContainersRequest.newBuilder().putAllLabels(options.labels());
        var until = options.until();
        if (until != null) {
            request.setUntil(Wire.timestamp(until));
        }
        var pruned = connection.call(ContainersGrpc.getPruneMethod(), request.build(), null);
        return new Pruned(List.copyOf(pruned.getContainersList()), pruned.getReclaimedBytes());
    }

    private Container make(ContainerSpec spec, boolean isStarted) {
        var created = connection.call(ContainersGrpc.getCreateMethod(), spec.request(isStarted));
        return new Container(connection, created.getId());
    }

    private static ContainerSpec spec(String image, Consumer<ContainerSpec> options) {
        var spec = new ContainerSpec(image);
        options.accept(spec);
        return spec;
    }
}
