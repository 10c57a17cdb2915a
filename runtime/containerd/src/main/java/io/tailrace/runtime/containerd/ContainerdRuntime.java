package io.tailrace.runtime.containerd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.containerd.proto.containers.Container;
import io.tailrace.runtime.containerd.proto.containers.GetContainerRequest;
import io.tailrace.runtime.containerd.proto.containers.ListContainersRequest;
import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntime;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.Images;
import io.tailrace.runtime.spi.Networks;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeInfo;
import io.tailrace.runtime.spi.Volumes;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Containers through containerd, over its socket.
 *
 * <p>The way of a container's output: its process writes into a pipe of the shim's, the shim copies that into a named
 * pipe of ours, and whoever captures reads that one. The shim keeps it open as long as it copies, the {@link Keeper}
 * from then on, so neither a restart of this server nor one of containerd loses a byte. Exits are awaited with one
 * pending call per process and asked for again after a restart. All state is containerd's, or the kernel's, or a file
 * under the data directory ({@link ContainerDirectory}); what is in memory is derived.
 */
public final class ContainerdRuntime implements ContainerRuntime {
    private static final long CONNECT_MILLIS = 10_000;

    private final Services services;
    private final ContainerdImages images;
    private final Creation creation;
    private final RuntimeInfo info;
    private final Map<String, ContainerdContainer> known = new ConcurrentHashMap<>();
    private final Optional<ContainerdWatch> own;

    private ContainerdRuntime(Services services, RuntimeInfo info, Optional<ContainerdWatch> own) {
        this.services = services;
        this.info = info;
        this.own = own;
        images = new ContainerdImages(services.containerd(), services.config(), services.snapshots());
        creation = new Creation(services, images);
    }

    /** Connects to a containerd that runs. @throws ContainerRuntimeException UNAVAILABLE */
    public static ContainerdRuntime connect(ContainerdConfig config) {
        return connect(config, Optional.empty());
    }

    /**
     * Connects to a containerd of our own, which is kept running as long as this is open, and is ended with it if no
     * container has a process then.
     *
     * @param config with the socket of {@code own}
     * @throws ContainerRuntimeException UNAVAILABLE
     */
    public static ContainerdRuntime connect(ContainerdConfig config, PrivateContainerd own) {
        return connect(config, Optional.of(own));
    }

    private static ContainerdRuntime connect(ContainerdConfig config, Optional<PrivateContainerd> own) {
        KeeperClient keeper = new KeeperClient(new KeeperProcess(config.dataDirectory()));
        Containerd containerd = new Containerd(config.socket(), config.namespace());
        try {
            String version = containerd.version(CONNECT_MILLIS).getVersion();
            BridgeNetwork network = new BridgeNetwork(new CniPlugins(config.pluginDirectories()));
            ContainerdVolumes volumes = new ContainerdVolumes(config.dataDirectory());
            volumes.clearUp();
            Services services = new Services(
                    containerd,
                    keeper,
                    new Snapshots(containerd, config.snapshotter()),
                    network,
                    ContainerdNetworks.open(config.dataDirectory(), network),
                    volumes,
                    config);
            RuntimeInfo info = new RuntimeInfo(
                    "containerd", version, config.socket().toString(), capabilities(network.isAvailable()));
            return new ContainerdRuntime(services, info, own.map(PrivateContainerd::keepRunning));
        } catch (StatusRuntimeException failure) {
            containerd.close();
            keeper.close();
            throw new ContainerRuntimeException(
                    Code.UNAVAILABLE,
                    "containerd at %s: %s".formatted(config.socket(), Failures.description(failure)),
                    failure);
        }
    }

    private static Set<Capability> capabilities(boolean hasBridge) {
        Set<Capability> capabilities = EnumSet.allOf(Capability.class);
        if (!hasBridge) {
            capabilities.remove(Capability.NETWORK_BRIDGE);
            capabilities.remove(Capability.NETWORKS);
        }
        return capabilities;
    }

    @Override
    public RuntimeInfo info() {
        return info;
    }

    @Override
    public Images images() {
        return images;
    }

    @Override
    public Volumes volumes() {
        return services.volumes();
    }

    @Override
    public Networks networks() {
        if (!info.capabilities().contains(Capability.NETWORKS)) {
            throw new ContainerRuntimeException(
                    Code.UNSUPPORTED,
                    "networks: not without CNI plugins (expected: in one of %s)"
                            .formatted(services.config().pluginDirectories()));
        }
        return services.networks();
    }

    @Override
    public RuntimeContainer create(ContainerSpec spec) {
        ContainerdContainer container = creation.create(spec, () -> known.remove(spec.id()));
        known.put(spec.id(), container);
        return container;
    }

    @Override
    public RuntimeContainer recover(String handle) {
        String id = Handle.containerId(handle);
        Optional<Container> stored = stored(id);
        if (stored.isEmpty()
                && !ContainerDirectory.of(services.config().dataDirectory(), id).exists()) {
            throw new ContainerRuntimeException(
                    Code.NOT_FOUND, "container: %s (expected: one that exists)".formatted(id));
        }
        ContainerLabels labels =
                ContainerLabels.parse(stored.map(Container::getLabelsMap).orElse(Map.of()));
        return known.computeIfAbsent(id, absent -> recovered(id, labels));
    }

    private ContainerdContainer recovered(String id, ContainerLabels labels) {
        ContainerdContainer container =
                new ContainerdContainer(services, id, labels, List.of(), () -> known.remove(id));
        container.recoverProcess();
        return container;
    }

    @Override
    public List<String> handles() {
        List<Container> stored = Failures.calling(
                "list containers",
                () -> services.containerd()
                        .containers()
                        .list(ListContainersRequest.newBuilder()
                                .addFilters("labels.\"%s\"==\"%s\""
                                        .formatted(
                                                ContainerLabels.DATA_DIRECTORY,
                                                services.config().dataDirectory()))
                                .build())
                        .getContainersList());
        return Stream.concat(
                        stored.stream().map(Container::getId),
                        ContainerDirectory.ids(services.config().dataDirectory()).stream())
                .distinct()
                .map(Handle::of)
                .toList();
    }

    private Optional<Container> stored(String id) {
        try {
            return Optional.of(services.containerd()
                    .containers()
                    .get(GetContainerRequest.newBuilder().setId(id).build())
                    .getContainer());
        } catch (StatusRuntimeException failure) {
            if (Failures.is(failure, Status.Code.NOT_FOUND)) {
                return Optional.empty();
            }
            throw Failures.of("look up container " + id, failure);
        }
    }

    @Override
    public void close() {
        boolean isIdle = known.values().stream()
                .noneMatch(container -> container.process().isPresent());
        known.values().forEach(ContainerdContainer::detach);
        services.containerd().close();
        services.keeper().close();
        own.ifPresent(isIdle ? ContainerdWatch::endContainerd : ContainerdWatch::close);
    }
}
