package io.tailrace.server;

import io.tailrace.runtime.containerd.ContainerdConfig;
import io.tailrace.runtime.containerd.PrivateContainerd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which runtime it is to be. */
enum RuntimeName {
    CONTAINERD,
    DOCKER;

    private static final Logger log = LoggerFactory.getLogger(RuntimeName.class);
    private static final String AUTO = "auto";

    /** Below the runtime's directory: the one whose containers the timelines are of. */
    private static final String FILE = "name";

    /**
     * What a configuration names. {@code auto} is the one that the data directory was used with before, else containerd
     * where it can be used, else a Docker Engine.
     *
     * @throws ConfigException if it is none
     */
    static RuntimeName of(ServerConfig config) {
        String name = config.runtime().name();
        if (name.equals(AUTO)) {
            return remembered(config).orElseGet(() -> found(config));
        }
        return parse(name)
                .orElseThrow(() ->
                        new ConfigException("runtime.name: %s (expected: containerd, docker or auto)".formatted(name)));
    }

    private static Optional<RuntimeName> parse(String name) {
        return Arrays.stream(values())
                .filter(value -> value.word().equals(name))
                .findFirst();
    }

    private String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static RuntimeName found(ServerConfig config) {
        boolean hasContainerd = !config.runtime().socket().isEmpty()
                || PrivateContainerd.isReachable(ContainerdConfig.SYSTEM_SOCKET)
                || (Places.isRoot() && PrivateContainerd.isInstalled());
        return hasContainerd || DockerSockets.usual().isEmpty() ? CONTAINERD : DOCKER;
    }

    private static Path file(ServerConfig config) {
        return config.dataDirectory().resolve(Runtimes.RUNTIME_DIRECTORY).resolve(FILE);
    }

    private static Optional<RuntimeName> remembered(ServerConfig config) {
        try {
            return parse(Files.readString(file(config)).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new ConfigException("runtime: %s cannot be read: %s".formatted(file(config), e), e);
        }
    }

    /** Keeps it for servers that are started with {@code auto}. */
    void remember(ServerConfig config) {
        Optional<RuntimeName> before = remembered(config);
        if (before.isPresent() && before.get() == this) {
            return;
        }
        before.ifPresent(other -> log.warn(
                "the data directory was used with {} before: its containers wait until it is again", other.word()));
        try {
            Files.createDirectories(file(config).getParent());
            Files.writeString(file(config), word() + "\n");
        } catch (IOException e) {
            log.warn("{} cannot be written: the next server may find another runtime", file(config), e);
        }
    }
}
