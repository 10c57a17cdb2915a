package io.tailrace.runtime.containerd;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Starts the {@link Keeper} as a process in a session of its own, or finds the one that runs. A file lock keeps two
 * servers on one data directory from starting two; the class's lock does so within one process, where file locks fail.
 */
final class KeeperProcess {
    private static final long START_MILLIS = 15_000;
    private static final long POLL_MILLIS = 5;

    private final Path directory;
    private final Path socket;

    KeeperProcess(Path dataDirectory) {
        directory = dataDirectory;
        socket = SocketPath.of(dataDirectory, "keeper.sock");
    }

    Path socket() {
        return socket;
    }

    /** A connection to the keeper, which is started if it does not run. */
    SocketChannel connect() throws IOException {
        synchronized (KeeperProcess.class) {
            return connectLocked();
        }
    }

    private SocketChannel connectLocked() throws IOException {
        Files.createDirectories(directory);
        Files.createDirectories(socket.getParent());
        try (FileChannel lockFile = FileChannel.open(
                        directory.resolve("keeper.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = lockFile.lock()) {
            assert lock.isValid();
            try {
                return SocketChannel.open(UnixDomainSocketAddress.of(socket));
            } catch (IOException nobodyListens) {
                Files.deleteIfExists(socket);
            }
            return awaitStart(start());
        }
    }

    private Process start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        "setsid",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx16m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-XX:-UsePerfData",
                        "-cp",
                        classPath(),
                        Keeper.class.getName(),
                        socket.toString()))
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keeper.log").toFile());
        // Options for the server, such as a larger heap or an agent, are not for its keeper.
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        return builder.start();
    }

    private SocketChannel awaitStart(Process process) throws IOException {
        long deadlineNanos = System.nanoTime() + START_MILLIS * 1_000_000;
        while (System.nanoTime() < deadlineNanos && process.isAlive()) {
            try {
                return SocketChannel.open(UnixDomainSocketAddress.of(socket));
            } catch (IOException notYet) {
                try {
                    Thread.sleep(POLL_MILLIS);
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted", interrupted);
                }
            }
        }
        process.destroyForcibly();
        throw new IOException("the keeper did not start (see %s)".formatted(directory.resolve("keeper.log")));
    }

    private static String classPath() {
        try {
            return Path.of(Keeper.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
