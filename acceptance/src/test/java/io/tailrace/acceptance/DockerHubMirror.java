package io.tailrace.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A registry in place of Docker Hub, for one server, until it is closed. */
final class DockerHubMirror implements AutoCloseable {
    private final TailraceServerProcess server;

    private DockerHubMirror(TailraceServerProcess server) {
        this.server = server;
    }

    /** @param registry has all that the server is to pull by names without a registry */
    static DockerHubMirror of(Registry registry, TailraceServerProcess server) throws IOException {
        String address = "http://" + registry.address();
        if (server.isOnDocker()) {
            DockerEngine.mirrorDockerHub("\"" + address + "\"");
        } else {
            Path file = file(server);
            Files.createDirectories(file.getParent());
            Files.writeString(file, "server = \"%1$s\"\n[host.\"%1$s\"]\n".formatted(address));
        }
        return new DockerHubMirror(server);
    }

    @Override
    public void close() {
        try {
            if (server.isOnDocker()) {
                DockerEngine.mirrorDockerHub("");
            } else {
                Files.delete(file(server));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path file(TailraceServerProcess server) {
        return server.hostsDirectory().resolve("docker.io/hosts.toml");
    }
}
