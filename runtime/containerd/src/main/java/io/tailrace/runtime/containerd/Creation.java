package io.tailrace.runtime.containerd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.containerd.proto.containers.Container;
import io.tailrace.runtime.containerd.proto.containers.CreateContainerRequest;
import io.tailrace.runtime.containerd.proto.types.Mount;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Makes containers: a writable snapshot and, beside it, the network; then containerd's record, which names both. What
 * was made is removed again if any of it fails.
 */
final class Creation {
    private static final String RUNTIME = "io.containerd.runc.v2";
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");
    private static final int ACCOUNTS_CACHED_MAX = 256;

    private final Services services;
    private final ContainerdImages images;
    /** By chain id: what an image says of its users does not change. */
    private final Map<String, Accounts> accounts = new ConcurrentHashMap<>();

    Creation(Services services, ContainerdImages images) {
        this.services = services;
        this.images = images;
    }

    /** @param removed told once the container is removed */
    ContainerdContainer create(ContainerSpec spec, Runnable removed) {
        if (!ID.matcher(spec.id()).matches()) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "container id: %s (expected: 64 lower-case hex digits)".formatted(spec.id()));
        }
        ImageContent image = images.find(spec.image());
        ContainerDirectory directory = ContainerDirectory.of(services.config().dataDirectory(), spec.id());
        claim(spec.id(), directory);
        try {
            return made(spec, image, directory, removed);
        } catch (ContainerRuntimeException failure) {
            removeQuietly(spec.id(), directory, failure);
            throw failure;
        }
    }

    /** Making the directory is what decides between two that want the same id. */
    private static void claim(String id, ContainerDirectory directory) {
        try {
            if (!directory.create()) {
                throw taken(id);
            }
        } catch (IOException failure) {
            throw Failures.of("create container " + id, failure);
        }
    }

    private ContainerdContainer made(
            ContainerSpec spec, ImageContent image, ContainerDirectory directory, Runnable removed) {
        if (!spec.ports().isEmpty() && !services.network().canPublish()) {
            throw new ContainerRuntimeException(
                    Code.UNSUPPORTED,
                    "ports: %s (expected: none without the CNI plugin portmap)".formatted(spec.ports()));
        }
        String hostname = Networking.hostname(spec.hostname(), spec.network(), spec.id());
        CompletableFuture<Void> network =
                CompletableFuture.runAsync(() -> setNetwork(spec, hostname, directory), Thread::startVirtualThread);
        List<Mount> mounts;
        ContainerLabels labels = ContainerLabels.of(spec, services.config().dataDirectory());
        try {
            mounts = prepareSnapshot(spec.id(), image);
            fillVolumes(spec, Snapshots.tree(mounts));
            Map<String, Object> ociSpec = OciSpec.of(
                    spec,
                    accountsOf(image, mounts),
                    hostname,
                    directory.networkNamespace(),
                    directory.path(),
                    services.volumes(),
                    ContainerdContainer.cgroupPath(services.config(), spec.id()));
            services.containerd()
                    .containers()
                    .create(CreateContainerRequest.newBuilder()
                            .setContainer(Container.newBuilder()
                                    .setId(spec.id())
                                    .putAllLabels(labels.with(spec.labels()))
                                    .setImage(spec.image())
                                    .setRuntime(Container.Runtime.newBuilder().setName(RUNTIME))
                                    .setSpec(OciSpec.any(OciSpec.SPEC_TYPE, ociSpec))
                                    .setSnapshotter(services.snapshots().snapshotter())
                                    .setSnapshotKey(spec.id()))
                            .build());
        } catch (StatusRuntimeException failure) {
            settle(network);
            throw Failures.is(failure, Status.Code.ALREADY_EXISTS)
                    ? taken(spec.id())
                    : Failures.of("create container " + spec.id(), failure);
        } catch (ContainerRuntimeException failure) {
            settle(network);
            throw failure;
        }
        join(network, spec.id());
        return new ContainerdContainer(services, spec.id(), labels, mounts, removed);
    }

    private void fillVolumes(ContainerSpec spec, FileTree image) {
        for (ContainerSpec.Mount mount : spec.mounts()) {
            if (mount.isFilled()) {
                services.volumes().fill(mount.source(), image, mount.target());
            }
        }
    }

    private void setNetwork(ContainerSpec spec, String hostname, ContainerDirectory directory) {
        try {
            Networking.set(services, spec, hostname, directory);
            services.network().want(directory, spec.ports());
        } catch (IOException failure) {
            throw Failures.of("network of container " + spec.id(), failure);
        }
    }

    /** An image that was imported by another tool may not be unpacked yet. */
    private List<Mount> prepareSnapshot(String id, ImageContent image) {
        try {
            return services.snapshots().prepare(id, image.chainId());
        } catch (StatusRuntimeException failure) {
            if (!Failures.is(failure, Status.Code.NOT_FOUND)) {
                throw failure;
            }
            images.unpack(image);
            return services.snapshots().prepare(id, image.chainId());
        }
    }

    private Accounts accountsOf(ImageContent image, List<Mount> mounts) {
        if (accounts.size() >= ACCOUNTS_CACHED_MAX) {
            accounts.clear();
        }
        return accounts.computeIfAbsent(image.chainId(), chain -> Accounts.of(Snapshots.tree(mounts)));
    }

    private static void join(CompletableFuture<Void> network, String id) {
        try {
            network.join();
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof ContainerRuntimeException typed) {
                throw typed;
            }
            throw new ContainerRuntimeException(
                    Code.INTERNAL, "network of container %s: %s".formatted(id, failure.getMessage()), failure);
        }
    }

    private static void settle(CompletableFuture<Void> network) {
        network.exceptionally(failure -> null).join();
    }

    /** If the id is taken in containerd, by another server, what is there is not ours to remove. */
    private void removeQuietly(String id, ContainerDirectory directory, ContainerRuntimeException cause) {
        try {
            if (cause.code() == Code.ALREADY_EXISTS) {
                services.network().detach(id, directory);
                directory.remove();
            } else {
                Removal.remove(services, id, directory);
            }
        } catch (ContainerRuntimeException | IOException left) {
            cause.addSuppressed(left);
        }
    }

    private static ContainerRuntimeException taken(String id) {
        return new ContainerRuntimeException(
                Code.ALREADY_EXISTS, "container id: %s (expected: one that is not in use)".formatted(id));
    }
}
