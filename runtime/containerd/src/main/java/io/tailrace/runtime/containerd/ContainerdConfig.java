package io.tailrace.runtime.containerd;

import java.nio.file.Path;
import java.util.List;

/**
 * Where containerd is and where this runtime keeps its own things.
 *
 * @param socket containerd's unix socket
 * @param dataDirectory absolute; FIFOs, network namespaces, files that containers see, the keeper. One per server
 * @param namespace the containerd namespace that holds all that Tailrace makes
 * @param snapshotter the containerd snapshotter that holds file systems
 * @param pluginDirectories where CNI plugins are searched, in order
 */
public record ContainerdConfig(
        Path socket, Path dataDirectory, String namespace, String snapshotter, List<Path> pluginDirectories) {
    /** Where a containerd that the machine runs listens. */
    public static final Path SYSTEM_SOCKET = Path.of("/run/containerd/containerd.sock");

    /** Checks the paths. */
    public ContainerdConfig {
        if (!dataDirectory.isAbsolute()) {
            throw new IllegalArgumentException(
                    "dataDirectory: %s (expected: an absolute path)".formatted(dataDirectory));
        }
        pluginDirectories = List.copyOf(pluginDirectories);
    }

    /** The defaults: namespace {@code tailrace}, overlayfs, CNI plugins where distributions put them. */
    public static ContainerdConfig of(Path socket, Path dataDirectory) {
        return new ContainerdConfig(
                socket,
                dataDirectory.toAbsolutePath(),
                "tailrace",
                "overlayfs",
                List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni"), Path.of("/usr/libexec/cni")));
    }
}
