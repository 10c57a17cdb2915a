package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.Images.ProgressListener;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A Docker Engine with the image {@code busybox} in it, under a directory in /tmp; ends with all it made. */
final class TestDockerd implements AutoCloseable {
    static final String IMAGE = "busybox";
    private static final long PATIENCE_SECONDS = 90;
    private static final String NO_BRIDGE = "none";

    final Path directory;
    final DockerConfig config;
    private final String bridge;
    private final int port;
    private final Process containerd;
    private Process daemon;

    private TestDockerd() throws IOException {
        directory = Files.createTempDirectory(Path.of("/tmp"), "tailrace-dockerd");
        config = new DockerConfig(directory.resolve("docker.sock").toString(), directory.resolve("runtime"));
        bridge = makeBridge();
        port = freePort();
        // Not the engine's own: of that one, version 20.10 does not find its containers again when it is killed.
        containerd = startContainerd(directory);
        daemon = startDaemon();
        try (DockerRuntime runtime = connectWhenUp()) {
            runtime.images()
                    .importArchive(new ByteArrayInputStream(TestImage.rootFileSystem()), IMAGE, ProgressListener.NONE);
        }
    }

    static TestDockerd start() {
        try {
            return new TestDockerd();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Process startContainerd(Path directory) throws IOException {
        Path config = Files.writeString(directory.resolve("containerd.toml"), """
                version = 2
                root = "%1$s/containerd-root"
                state = "%1$s/containerd-state"
                disabled_plugins = ["io.containerd.grpc.v1.cri"]
                [grpc]
                address = "%1$s/containerd.sock"
                """.formatted(directory));
        return new ProcessBuilder("containerd", "--config", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("containerd.log").toFile())
                .start();
    }

    /** Its own, so that the machine's other engines and packet filters are left alone; none where the machine has none. */
    private static String makeBridge() throws IOException {
        String name = "trd" + newId().substring(0, 8);
        int net = ThreadLocalRandom.current().nextInt(0x10000);
        String address = "10.%d.%d.1/24".formatted(192 + (net >> 8 & 0x1f), net & 0xff);
        try {
            ip("link", "add", name, "type", "bridge");
        } catch (IOException e) {
            return NO_BRIDGE;
        }
        ip("addr", "add", address, "dev", name);
        ip("link", "set", name, "up");
        return name;
    }

    private static void ip(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException("%s: %s".formatted(command, output));
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Process startDaemon() throws IOException {
        List<String> command = List.of(
                "dockerd",
                "--containerd=" + directory.resolve("containerd.sock"),
                "--host=unix://" + directory.resolve("docker.sock"),
                "--data-root=" + directory.resolve("data"),
                "--exec-root=" + directory.resolve("exec"),
                "--pidfile=" + directory.resolve("dockerd.pid"),
                "--config-file=" + Files.writeString(directory.resolve("daemon.json"), "{}"),
                "--live-restore",
                "--host=tcp://127.0.0.1:" + port,
                "--bridge=" + bridge,
                // Nobody there: a name that no container has is refused at once, also on a machine whose resolver is
                // far away.
                "--dns=127.0.0.1",
                "--iptables=false",
                "--ip6tables=false");
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("dockerd.log").toFile()))
                .start();
    }

    private DockerRuntime connectWhenUp() throws IOException {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            try {
                return connect();
            } catch (ContainerRuntimeException e) {
                if (!daemon.isAlive() || System.nanoTime() - deadlineNanos > 0) {
                    throw new IOException(Files.readString(directory.resolve("dockerd.log")), e);
                }
            }
            sleep();
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A connection, as a server opens it. */
    DockerRuntime connect() {
        return DockerRuntime.connect(config);
    }

    /** A connection, as a server opens it that follows others' containers as well. */
    DockerRuntime connectToAll() {
        return DockerRuntime.connect(new DockerConfig(config.socket(), config.dataDirectory(), true));
    }

    /** A connection as of a server on another machine, which cannot read the engine's files. */
    DockerRuntime connectFromElsewhere() {
        return DockerRuntime.connect(new DockerConfig("tcp://127.0.0.1:" + port, config.dataDirectory()));
    }

    static String newId() {
        return (UUID.randomUUID().toString() + UUID.randomUUID()).replace("-", "");
    }

    /** Ends the engine without any notice and starts it again; what runs in it runs on. */
    void killAndRestart() throws IOException {
        daemon.destroyForcibly();
        daemon.onExit().join();
        Files.deleteIfExists(directory.resolve("dockerd.pid"));
        daemon = startDaemon();
        connectWhenUp().close();
    }

    /** What there still is of containers that should be gone. */
    List<String> leftovers() throws IOException {
        try (DockerRuntime runtime = connect()) {
            List<String> found = new ArrayList<>(runtime.handles());
            runtime.volumes().list().forEach(volume -> found.add("volume " + volume.name()));
            Path files = config.dataDirectory().resolve("docker");
            if (Files.exists(files)) {
                try (Stream<Path> left = Files.list(files)) {
                    left.forEach(file -> found.add(file.toString()));
                }
            }
            return found;
        }
    }

    void removeContainers() {
        try (DockerRuntime runtime = connect()) {
            for (String handle : runtime.handles()) {
                RuntimeContainer container = runtime.recover(handle);
                container.process().ifPresent(TestDockerd::end);
                container.remove();
            }
        }
    }

    static void end(RuntimeProcess process) {
        if (process.pid() != 0) {
            process.signal(9);
            process.exit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        }
        process.delete();
    }

    /** An engine that was killed leaves mounts. */
    static void unmount(Path directory) throws IOException, InterruptedException {
        List<String> mounts = Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                .map(line -> line.split(" ")[1])
                .filter(mount -> mount.startsWith(directory + "/"))
                .toList();
        for (String mount : mounts.reversed()) {
            new ProcessBuilder("umount", "--lazy", mount).inheritIO().start().waitFor();
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        removeContainers();
        for (Process process : List.of(daemon, containerd)) {
            process.destroy();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
        unmount(directory);
        if (!bridge.equals(NO_BRIDGE)) {
            ip("link", "del", bridge);
        }
        try (Stream<Path> entries = Files.walk(directory)) {
            for (Path entry : entries.toList().reversed()) {
                Files.deleteIfExists(entry);
            }
        }
    }
}
