package io.tailrace.server;

import io.tailrace.runtime.docker.DockerConfig;
import java.util.Optional;

/** Where a Docker Engine is on this machine. */
public final class DockerSockets {
    private DockerSockets() {}

    /** Where its other clients would find it, too; whether it answers is another matter. */
    public static Optional<String> usual() {
        return DockerConfig.usualSocket(System.getenv("DOCKER_HOST"), System.getenv("XDG_RUNTIME_DIR"));
    }
}
