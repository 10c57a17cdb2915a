package io.tailrace.runtime.docker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the engine is and where this runtime keeps its own things.
 *
 * @param socket a path, {@code unix:///path} or {@code tcp://host:port}
 * @param dataDirectory absolute; which containers are this server's, and what is prepared. One per server
 * @param foreign whether containers that others made are shown as well
 */
public record DockerConfig(String socket, Path dataDirectory, boolean foreign) {
    private static final String DOCKER = "/var/run/docker.sock";
    private static final String PODMAN = "/run/podman/podman.sock";

    /** For this server's own containers alone. */
    public DockerConfig(String socket, Path dataDirectory) {
        this(socket, dataDirectory, false);
    }

    /** Checks the values. */
    public DockerConfig {
        Endpoint.parse(socket);
        if (!dataDirectory.isAbsolute()) {
            throw new IllegalArgumentException(
                    "dataDirectory: %s (expected: an absolute path)".formatted(dataDirectory));
        }
    }

    /**
     * The engine of this machine, as its other clients find it: what {@code DOCKER_HOST} says, else the first socket that is
     * there of Docker's, this user's Podman's and the machine's.
     *
     * @param dockerHost the variable's value; null or empty if it is not set
     * @param runtimeDirectory {@code XDG_RUNTIME_DIR}; null or empty if it is not set
     */
    public static Optional<String> usualSocket(@Nullable String dockerHost, @Nullable String runtimeDirectory) {
        if (dockerHost != null && !dockerHost.isEmpty()) {
            return Optional.of(dockerHost);
        }
        String own = runtimeDirectory == null || runtimeDirectory.isEmpty() ? "/nonexistent" : runtimeDirectory;
        return Stream.of(DOCKER, own + "/docker.sock", own + "/podman/podman.sock", PODMAN)
                .filter(path -> Files.exists(Path.of(path)))
                .findFirst();
    }
}
