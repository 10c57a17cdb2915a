package io.tailrace.server;

import io.tailrace.runtime.containerd.ContainerdConfig;
import io.tailrace.runtime.containerd.ContainerdRuntime;
import io.tailrace.runtime.containerd.PrivateContainerd;
import io.tailrace.runtime.spi.ContainerRuntime;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place that knows the runtimes. */
final class Runtimes {
    private static final Logger log = LoggerFactory.getLogger(Runtimes.class);
    private static final String CONTAINERD = "containerd";

    /** Below the data directory: what the runtime keeps, apart from the timelines. */
    private static final String RUNTIME_DIRECTORY = "runtime";

    private Runtimes() {}

    /**
     * Connects to the runtime that a configuration names.
     *
     * @throws ConfigException if it cannot be reached, with what may help
     */
    static ContainerRuntime open(ServerConfig config) {
        if (!config.runtime().name().equals(CONTAINERD)) {
            throw new ConfigException(
                    "runtime.name: %s (expected: %s)".formatted(config.runtime().name(), CONTAINERD));
        }
        try {
            return ContainerdRuntime.connect(containerd(config, socket(config)));
        } catch (ContainerRuntimeException e) {
            throw new ConfigException("runtime: " + e.getMessage(), e);
        }
    }

    private static ContainerdConfig containerd(ServerConfig config, Path socket) {
        ContainerdConfig defaults =
                ContainerdConfig.of(socket, config.dataDirectory().resolve(RUNTIME_DIRECTORY));
        return new ContainerdConfig(
                socket,
                defaults.dataDirectory(),
                config.runtime().namespace(),
                config.runtime().snapshotter(),
                List.copyOf(defaults.pluginDirectories()));
    }

    /** The one that is named, else the machine's, else a private one. */
    private static Path socket(ServerConfig config) {
        if (!config.runtime().socket().isEmpty()) {
            return Path.of(config.runtime().socket());
        }
        if (PrivateContainerd.isReachable(ContainerdConfig.SYSTEM_SOCKET)) {
            return ContainerdConfig.SYSTEM_SOCKET;
        }
        if (!Places.isRoot()) {
            throw new ConfigException(
                    "runtime.socket: nothing answers at %s, and only root can start a containerd (expected: one that"
                                    .formatted(ContainerdConfig.SYSTEM_SOCKET)
                            + " runs and that this user may use, or to be root)");
        }
        PrivateContainerd containerd = PrivateContainerd.start(config.dataDirectory());
        log.info("using a containerd of this server's own at {}", containerd.socket());
        return containerd.socket();
    }
}
