package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A containerd of Tailrace's own, for machines where none runs: with its root, state, socket, configuration and log
 * under {@code <data directory>/containerd}. It runs in a session of its own, outlives the server, and is found again
 * by its socket.
 */
public final class PrivateContainerd {
    private static final long START_MILLIS = 20_000;
    private static final long STOP_MILLIS = 15_000;
    private static final long POLL_MILLIS = 5;
    private static final String SYSTEM_PROGRAMS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Path directory;
    private final Path socket;

    private PrivateContainerd(Path dataDirectory) {
        directory = dataDirectory.resolve("containerd");
        socket = SocketPath.of(directory, "containerd.sock");
    }

    /** Whether something accepts connections there. */
    public static boolean isReachable(Path socket) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return channel.isConnected();
        } catch (IOException | IllegalArgumentException | UnsupportedOperationException unreachable) {
            return false;
        }
    }

    /** The one that belongs to a data directory, whether or not it runs. */
    public static PrivateContainerd of(Path dataDirectory) {
        return new PrivateContainerd(dataDirectory.toAbsolutePath());
    }

    /**
     * Starts the one that belongs to a data directory, unless it runs; returns when it can be connected to.
     *
     * @throws ContainerRuntimeException UNAVAILABLE if containerd is not installed or does not start,
     *     PERMISSION_DENIED for who is not root
     */
    public static PrivateContainerd start(Path dataDirectory) {
        PrivateContainerd containerd = of(dataDirectory);
        try {
            containerd.ensureRunning();
            return containerd;
        } catch (IOException failure) {
            throw new ContainerRuntimeException(
                    Code.UNAVAILABLE, "private containerd: " + failure.getMessage(), failure);
        }
    }

    /** Its unix socket. */
    public Path socket() {
        return socket;
    }

    /**
     * Ends it, if it runs. Containers go on: their shims are processes of their own, and a containerd that is started
     * again here finds them.
     */
    public void stop() {
        try {
            if (Files.isDirectory(directory)) {
                locked(this::end);
            }
        } catch (IOException failure) {
            throw Failures.of("stop private containerd", failure);
        }
    }

    /** Whether it has containers that run, or ended and were not cleared away: each has a bundle, by namespace. */
    boolean hasTasks() {
        Path bundles = directory.resolve("state/io.containerd.runtime.v2.task");
        if (!Files.isDirectory(bundles)) {
            return false;
        }
        try (Stream<Path> entries = Files.walk(bundles, 2)) {
            return entries.anyMatch(entry -> entry.getNameCount() == bundles.getNameCount() + 2);
        } catch (IOException | UncheckedIOException failure) {
            // One that goes while it is looked at was there.
            return true;
        }
    }

    private void end() throws IOException {
        Optional<ProcessHandle> process = process();
        if (process.isEmpty()) {
            return;
        }
        process.get().destroy();
        if (!awaitEnd(process.get())) {
            process.get().destroyForcibly();
            awaitEnd(process.get());
        }
        Files.deleteIfExists(pidFile());
        Files.deleteIfExists(socket);
        Files.deleteIfExists(Path.of(socket + ".ttrpc"));
    }

    /**
     * Starts it again whenever it ends, until the watch is closed. Of several servers that watch it, one owns it.
     *
     * @throws ContainerRuntimeException INTERNAL if its directory cannot be written
     */
    public ContainerdWatch keepRunning() {
        return ContainerdWatch.begin(this, directory.resolve("owner"));
    }

    /** Starts it unless it runs. */
    void ensureRunning() throws IOException {
        if (isReachable(socket)) {
            return;
        }
        requireInstalled("containerd");
        requireInstalled("containerd-shim-runc-v2");
        requireInstalled("runc");
        if (!System.getProperty("user.name", "").equals("root")) {
            throw new ContainerRuntimeException(
                    Code.PERMISSION_DENIED,
                    "private containerd: user %s (expected: root)".formatted(System.getProperty("user.name")));
        }
        Files.createDirectories(directory);
        Files.createDirectories(socket.getParent());
        locked(() -> {
            if (!isReachable(socket)) {
                launch();
            }
        });
    }

    /** Runs what starts or ends it, one at a time on this machine. */
    private void locked(Step step) throws IOException {
        synchronized (PrivateContainerd.class) {
            try (FileChannel lockFile = FileChannel.open(
                            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = lockFile.lock()) {
                assert lock.isValid();
                step.run();
            }
        }
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    private void launch() throws IOException {
        Path configuration = directory.resolve("config.toml");
        Files.writeString(configuration, configuration());
        Path log = directory.resolve("containerd.log");
        ProcessBuilder builder = new ProcessBuilder("setsid", "containerd", "--config", configuration.toString())
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().merge("PATH", SYSTEM_PROGRAMS, (path, more) -> path + ":" + more);
        Process process = builder.start();
        Files.writeString(pidFile(), Long.toString(process.pid()));
        long deadlineNanos = System.nanoTime() + START_MILLIS * 1_000_000;
        while (!isReachable(socket)) {
            if (!process.isAlive() || System.nanoTime() > deadlineNanos) {
                process.destroyForcibly();
                throw new IOException("it did not start: %s (see %s)".formatted(lastLine(log), log));
            }
            pause();
        }
    }

    /** Only what containers need: without CRI and the snapshotters that must be probed it is ready in some 50 ms. */
    private String configuration() {
        return """
                version = 2
                root = "%s"
                state = "%s"
                disabled_plugins = [
                    "io.containerd.grpc.v1.cri",
                    "io.containerd.internal.v1.opt",
                    "io.containerd.internal.v1.tracing",
                    "io.containerd.tracing.processor.v1.otlp",
                    "io.containerd.snapshotter.v1.aufs",
                    "io.containerd.snapshotter.v1.blockfile",
                    "io.containerd.snapshotter.v1.btrfs",
                    "io.containerd.snapshotter.v1.devmapper",
                    "io.containerd.snapshotter.v1.zfs",
                ]

                [grpc]
                    address = "%s"

                [debug]
                    level = "warn"
                """.formatted(directory.resolve("root"), directory.resolve("state"), socket);
    }

    private Path pidFile() {
        return directory.resolve("containerd.pid");
    }

    /** The process of the pid file, if that is still containerd with our configuration and not somebody else. */
    private Optional<ProcessHandle> process() {
        try {
            long pid = Long.parseLong(Files.readString(pidFile()).strip());
            String command = Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.UTF_8);
            return command.contains("containerd\0--config\0" + directory.resolve("config.toml"))
                    ? ProcessHandle.of(pid)
                    : Optional.empty();
        } catch (IOException | NumberFormatException notRunning) {
            return Optional.empty();
        }
    }

    private static boolean awaitEnd(ProcessHandle process) {
        long deadlineNanos = System.nanoTime() + STOP_MILLIS * 1_000_000;
        while (process.isAlive() && System.nanoTime() < deadlineNanos) {
            pause();
        }
        return !process.isAlive();
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ContainerRuntimeException(Code.UNAVAILABLE, "private containerd: interrupted", interrupted);
        }
    }

    /** Whether this machine has the programs that one needs. */
    public static boolean isInstalled() {
        return isInstalled("containerd") && isInstalled("runc");
    }

    private static boolean isInstalled(String program) {
        String path = System.getenv().getOrDefault("PATH", "") + ":" + SYSTEM_PROGRAMS;
        return Stream.of(path.split(":")).anyMatch(entry -> Files.isExecutable(Path.of(entry, program)));
    }

    private static void requireInstalled(String program) {
        if (!isInstalled(program)) {
            throw new ContainerRuntimeException(
                    Code.UNAVAILABLE,
                    "%s: not installed (expected: containerd and runc, on Debian `apt-get install containerd runc`)"
                            .formatted(program));
        }
    }

    private static String lastLine(Path log) throws IOException {
        List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
        return lines.isEmpty() ? "no reason given" : lines.getLast();
    }
}
