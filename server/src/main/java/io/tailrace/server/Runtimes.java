package io.tailrace.server;

import io.tailrace.runtime.containerd.ContainerdConfig;
import io.tailrace.runtime.containerd.ContainerdRuntime;
import io.tailrace.runtime.containerd.PrivateContainerd;
import io.tailrace.runtime.docker.DockerConfig;
import io.tailrace.runtime.docker.DockerRuntime;
import io.tailrace.runtime.spi.ContainerRuntime;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place that knows the runtimes. */
final class Runtimes {
    private static final Logger log = LoggerFactory.getLogger(Runtimes.class);

    /** Below the data directory: what the runtime keeps, apart from the timelines. */
    static final String RUNTIME_DIRECTORY = "runtime";

    private Runtimes() {}

    /**
     * Connects to the runtime that a configuration names.
     *
     * @throws ConfigException if it cannot be reached, with what may help
     */
    static ContainerRuntime open(ServerConfig config) {
        RuntimeName name = RuntimeName.of(config);
        if (config.runtime().foreign() && name != RuntimeName.DOCKER) {
            throw new ConfigException(
                    "runtime.foreign: true on %s (expected: false, or runtime.name: docker; a containerd's other containers"
                                    .formatted(name.name().toLowerCase(Locale.ROOT))
                            + " cannot be followed)");
        }
        checkHostsDirectory(config, name);
        try {
            ContainerRuntime runtime = switch (name) {
                case CONTAINERD -> openContainerd(config);
                case DOCKER -> openDocker(config);
            };
            name.remember(config);
            return runtime;
        } catch (ContainerRuntimeException | IllegalArgumentException e) {
            throw new ConfigException("runtime: " + e.getMessage(), e);
        }
    }

    private static ContainerRuntime openContainerd(ServerConfig config) {
        var socket = existingSocket(config);
        if (socket.isPresent()) {
            return ContainerdRuntime.connect(containerd(config, socket.get()));
        }
        PrivateContainerd own = PrivateContainerd.start(config.dataDirectory());
        log.info("using a containerd of this server's own at {}", own.socket());
        return ContainerdRuntime.connect(containerd(config, own.socket()), own);
    }

    private static ContainerRuntime openDocker(ServerConfig config) {
        String named = config.runtime().socket();
        String socket = named.isEmpty()
                ? DockerSockets.usual()
                        .orElseThrow(() -> new ConfigException(
                                "runtime.socket: no Docker Engine is found (expected: its socket, or DOCKER_HOST)"))
                : named;
        log.info("using the Docker Engine at {}", socket);
        return DockerRuntime.connect(new DockerConfig(
                socket,
                config.dataDirectory().resolve(RUNTIME_DIRECTORY).toAbsolutePath(),
                config.runtime().foreign()));
    }

    private static ContainerdConfig containerd(ServerConfig config, Path socket) {
        ContainerdConfig defaults =
                ContainerdConfig.of(socket, config.dataDirectory().resolve(RUNTIME_DIRECTORY));
        return new ContainerdConfig(
                socket,
                defaults.dataDirectory(),
                config.runtime().namespace(),
                config.runtime().snapshotter(),
                List.copyOf(defaults.pluginDirectories()),
                Optional.of(config.runtime().hostsDirectory())
                        .filter(directory -> !directory.isEmpty())
                        .map(Path::of));
    }

    /** Before anything is started: a mistake would show by nothing but where images come from. */
    static void checkHostsDirectory(ServerConfig config, RuntimeName name) {
        String named = config.runtime().hostsDirectory();
        boolean isUsual = named.equals(ContainerdConfig.HOSTS_DIRECTORY.toString());
        if (named.isEmpty() || (isUsual && name == RuntimeName.DOCKER)) {
            return;
        }
        if (name == RuntimeName.DOCKER) {
            throw new ConfigException(
                    "runtime.hostsDirectory: %s on docker (expected: none; mirrors are in the configuration of dockerd)"
                            .formatted(named));
        }
        Path directory = Path.of(named);
        boolean isThere = Files.isDirectory(directory) || (isUsual && Files.notExists(directory));
        if (!directory.isAbsolute() || !isThere) {
            throw new ConfigException(
                    "runtime.hostsDirectory: %s (expected: the absolute path of a directory)".formatted(named));
        }
    }

    /** The one that is named, else the machine's; empty if a private one is needed. */
    private static Optional<Path> existingSocket(ServerConfig config) {
        if (!config.runtime().socket().isEmpty()) {
            return Optional.of(Path.of(config.runtime().socket()));
        }
        if (PrivateContainerd.isReachable(ContainerdConfig.SYSTEM_SOCKET)) {
            return Optional.of(ContainerdConfig.SYSTEM_SOCKET);
        }
        if (!Places.isRoot()) {
            throw new ConfigException(
                    "runtime.socket: nothing answers at %s, and only root can start a containerd (expected: one that"
                                    .formatted(ContainerdConfig.SYSTEM_SOCKET)
                            + " runs and that this user may use, or to be root)");
        }
        return Optional.empty();
    }
}
