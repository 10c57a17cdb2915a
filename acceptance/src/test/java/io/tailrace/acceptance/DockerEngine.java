package io.tailrace.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The Docker Engine that servers use in tests that are {@link OnDocker}, and in all where the tests run with
 * {@code -Dtailrace.test.runtime=docker}: one for the test run, under a directory of its own, ended with it.
 */
final class DockerEngine {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
    private static final Duration RELOAD_LIMIT = Duration.ofSeconds(10);
    private static final int NETS = 8_192;
    private static final Duration CLI_LIMIT = Duration.ofSeconds(30);
    private static final Duration IP_LIMIT = Duration.ofSeconds(10);
    private static @Nullable DockerEngine running;

    private final Path directory;
    private final String bridge;
    private final Process process;

    private DockerEngine(Path directory, String bridge, Process process) {
        this.directory = directory;
        this.bridge = bridge;
        this.process = process;
    }

    /** Whether all servers are to run on one. */
    static boolean isWanted() {
        return "docker".equals(System.getProperty("tailrace.test.runtime"));
    }

    /** The settings of a server that is to run on it, which is started if need be. */
    static synchronized Map<String, String> settings() {
        if (running == null) {
            running = start();
        }
        return Map.of(
                "TAILRACE_RUNTIME_NAME",
                "docker",
                "TAILRACE_RUNTIME_SOCKET",
                running.socket().toString());
    }

    /** Whether there is a file of that path in some container of its, or in an image. */
    static synchronized boolean has(String path, long sizeBytes) {
        try (Stream<Path> files = Files.find(
                Objects.requireNonNull(running).directory.resolve("data"),
                Integer.MAX_VALUE,
                (file, attributes) -> file.endsWith(path) && attributes.size() == sizeBytes)) {
            return files.findAny().isPresent();
        } catch (IOException | UncheckedIOException e) {
            return false; // what is being removed meanwhile
        }
    }

    /** What Docker's own command says of it. */
    static synchronized String docker(String... arguments) {
        List<String> line = new ArrayList<>(List.of(
                "docker", "--host", "unix://" + Objects.requireNonNull(running).socket()));
        line.addAll(List.of(arguments));
        return Command.run(CLI_LIMIT, line).succeeded().stdout().strip();
    }

    /** Has it ask registries before Docker Hub. @param addresses in JSON, separated by commas; empty: none */
    static synchronized void mirrorDockerHub(String addresses) throws IOException {
        DockerEngine engine = Objects.requireNonNull(running);
        Files.writeString(engine.configuration(), "{\"registry-mirrors\":[%s]}".formatted(addresses));
        Command.run(RELOAD_LIMIT, List.of("kill", "-HUP", Long.toString(engine.process.pid())))
                .succeeded();
        // It shows an address with a slash behind.
        String wanted = "[" + addresses.replaceAll("\"$", "/\"") + "]";
        Waiting.until(
                "dockerd to know its mirrors",
                RELOAD_LIMIT,
                () -> docker("info", "--format", "{{json .RegistryConfig.Mirrors}}")
                        .equals(wanted));
    }

    private Path configuration() {
        return directory.resolve("daemon.json");
    }

    private Path socket() {
        return directory.resolve("docker.sock");
    }

    private static DockerEngine start() {
        try {
            Path directory = Files.createTempDirectory("tailrace-docker-");
            String bridge = makeBridge();
            Process process = new ProcessBuilder(
                            "dockerd",
                            "--host=unix://" + directory.resolve("docker.sock"),
                            "--data-root=" + directory.resolve("data"),
                            "--exec-root=" + directory.resolve("exec"),
                            "--pidfile=" + directory.resolve("dockerd.pid"),
                            "--config-file=" + Files.writeString(directory.resolve("daemon.json"), "{}"),
                            "--bridge=" + bridge,
                            // Nobody there: a name that no container has is refused at once.
                            "--dns=127.0.0.1",
                            "--iptables=false",
                            "--ip6tables=false")
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("dockerd.log").toFile())
                    .start();
            DockerEngine engine = new DockerEngine(directory, bridge, process);
            Runtime.getRuntime().addShutdownHook(new Thread(engine::stop, "stop-dockerd"));
            Waiting.until("dockerd to answer", START_LIMIT, () -> Files.exists(engine.socket()));
            return engine;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The default bridge of its containers, its own, so that the machine's engines and packet filters are left alone. */
    private static String makeBridge() {
        int net = ThreadLocalRandom.current().nextInt(NETS);
        String name = "tra%d".formatted(net);
        ip("link", "add", name, "type", "bridge");
        // 10.224.0.0/11: Docker and CNI take theirs from elsewhere by default.
        ip("addr", "add", "10.%d.%d.1/24".formatted(224 + net / 256, net % 256), "dev", name);
        ip("link", "set", name, "up");
        return name;
    }

    private static void ip(String... arguments) {
        List<String> line = new ArrayList<>(List.of("ip"));
        line.addAll(List.of(arguments));
        Command.run(IP_LIMIT, line).succeeded();
    }

    /** An engine leaves the network namespace of containers on the host's network mounted. */
    private void unmountNamespaces() throws IOException {
        Path namespaces = directory.resolve("exec/netns");
        if (Files.isDirectory(namespaces)) {
            try (Stream<Path> mounts = Files.list(namespaces)) {
                mounts.forEach(mount -> Command.run(IP_LIMIT, List.of("umount", "--lazy", mount.toString())));
            }
        }
    }

    private void stop() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            ip("link", "del", bridge);
            unmountNamespaces();
            try (Stream<Path> entries = Files.walk(directory)) {
                for (Path entry : entries.toList().reversed()) {
                    Files.deleteIfExists(entry);
                }
            }
        } catch (IOException e) {
            System.err.println("a Docker Engine's directory is left: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
