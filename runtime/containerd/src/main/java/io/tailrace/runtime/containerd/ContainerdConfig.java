package io.tailrace.runtime.containerd;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where containerd is and where this runtime keeps its own things.
 *
 * @param socket containerd's unix socket
 * @param dataDirectory absolute; FIFOs, network namespaces, files that containers see, the keeper. One per server
 * @param namespace the containerd namespace that holds all that Tailrace makes
 * @param snapshotter the containerd snapshotter that holds file systems
 * @param pluginDirectories where CNI plugins are searched, in order
 * @param hostsDirectory absolute; how registries are reached, in containerd's {@code hosts.toml} files; it counts where it
 *     exists when an image is pulled
 */
public record ContainerdConfig(
        Path socket,
        Path dataDirectory,
        String namespace,
        String snapshotter,
        List<Path> pluginDirectories,
        Optional<Path> hostsDirectory) {
    /** Where a containerd that the machine runs listens. */
    public static final Path SYSTEM_SOCKET = Path.of("/run/containerd/containerd.sock");

    /** Where containerd's documentation puts what it says of registries. */
    public static final Path HOSTS_DIRECTORY = Path.of("/etc/containerd/certs.d");

    /** Checks the paths. */
    public ContainerdConfig {
        requireAbsolute("dataDirectory", dataDirectory);
        hostsDirectory.ifPresent(directory -> requireAbsolute("hostsDirectory", directory));
        pluginDirectories = List.copyOf(pluginDirectories);
    }

    /** The defaults: namespace {@code tailrace}, overlayfs, CNI plugins and registries' settings where they usually are. */
    public static ContainerdConfig of(Path socket, Path dataDirectory) {
        return new ContainerdConfig(
                socket,
                dataDirectory.toAbsolutePath(),
                "tailrace",
                "overlayfs",
                List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni"), Path.of("/usr/libexec/cni")),
                Optional.of(HOSTS_DIRECTORY));
    }

    /** This, with registries reached otherwise. */
    public ContainerdConfig withHostsDirectory(Optional<Path> other) {
        return new ContainerdConfig(socket, dataDirectory, namespace, snapshotter, pluginDirectories, other);
    }

    private static void requireAbsolute(String name, Path path) {
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("%s: %s (expected: an absolute path)".formatted(name, path));
        }
    }
}
