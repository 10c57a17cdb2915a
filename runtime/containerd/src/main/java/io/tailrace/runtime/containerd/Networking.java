package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.NetworkMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Gives containers the network they ask for, and the files in /etc that go with it. */
final class Networking {
    private static final int SHORT_ID_CHARACTERS = 12;

    private Networking() {}

    /** The name a container is told: what the user wants, the host's on its network, else the id's beginning. */
    static String hostname(String wanted, NetworkMode network, String containerId) {
        if (!wanted.isEmpty()) {
            return wanted;
        }
        String own = containerId.substring(0, Math.min(SHORT_ID_CHARACTERS, containerId.length()));
        if (network != NetworkMode.HOST) {
            return own;
        }
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException unreadable) {
            return own;
        }
    }

    static void set(Services services, ContainerSpec spec, String hostname, ContainerDirectory directory)
            throws IOException {
        switch (spec.network()) {
            case HOST -> NetworkFiles.ofHost(directory.path(), hostname).write(spec, false);
            case NONE -> NetworkFiles.alone(directory.path(), hostname).write(spec, false);
            case BRIDGE -> {
                if (!spec.networks().isEmpty()) {
                    services.networks().join(spec.networks(), directory);
                }
                services.network().attach(spec.id(), directory);
                NetworkFiles.onBridge(directory.path(), hostname, first(services, directory))
                        .write(spec, !spec.networks().isEmpty());
            }
        }
    }

    /** Connects again what was cut by a restart of the machine, which removes namespaces and bridges. */
    static void restore(Services services, String id, NetworkMode network, ContainerDirectory directory)
            throws IOException {
        if (network == NetworkMode.BRIDGE && !NetworkNamespace.exists(directory.networkNamespace())) {
            services.network().detach(id, directory);
            services.network().attach(id, directory);
            if (directory.memberships().isEmpty()) {
                NetworkFiles.onBridge(directory.path(), directory.hostname(), first(services, directory))
                        .rewriteOwnAddress();
            }
        }
    }

    private static BridgeNetwork.Place first(Services services, ContainerDirectory directory) throws IOException {
        return services.network().places(directory).getFirst();
    }
}
