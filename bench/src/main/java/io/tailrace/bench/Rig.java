package io.tailrace.bench;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All that is compared, running: one containerd of its own for everybody, a Docker Engine and a Tailrace server on top
 * of it, the same busybox image in both. Everything lies in one temporary directory and is gone after {@link #close}.
 */
final class Rig implements AutoCloseable {
    /** What the image is called everywhere. */
    static final String IMAGE = "busybox";

    private final Path directory;
    private final Busybox busybox;
    private final Containerd containerd;
    private final @Nullable Docker docker;
    private final TailraceServer tailrace;

    @GuardedBy("this") private boolean isClosed;

    private Rig(
            Path directory, Busybox busybox, Containerd containerd, @Nullable Docker docker, TailraceServer tailrace) {
        this.directory = directory;
        this.busybox = busybox;
        this.containerd = containerd;
        this.docker = docker;
        this.tailrace = tailrace;
    }

    /** Starts all of it. @param isDockerWanted false leaves Docker out, as does its absence */
    static Rig open(boolean isDockerWanted) throws Exception {
        Path directory = Files.createTempDirectory("tailrace-bench-");
        Busybox busybox = Busybox.unpack(directory.resolve("busybox"));
        @Nullable Containerd containerd = null;
        @Nullable Docker docker = null;
        try {
            containerd = Containerd.start(directory.resolve("containerd"));
            if (isDockerWanted && Docker.isInstalled()) {
                docker = Docker.start(directory.resolve("docker"), containerd, busybox);
            }
            TailraceServer tailrace = TailraceServer.start(directory.resolve("tailrace"), containerd, busybox);
            Rig rig = new Rig(directory, busybox, containerd, docker, tailrace);
            Runtime.getRuntime().addShutdownHook(new Thread(rig::close, "bench-shutdown"));
            return rig;
        } catch (Exception e) {
            closeAll(directory, docker, containerd);
            throw e;
        }
    }

    /** A directory for a scenario's own files. */
    Path directory() {
        return directory;
    }

    Busybox busybox() {
        return busybox;
    }

    Containerd containerd() {
        return containerd;
    }

    /** Empty if it is not installed or not wanted. */
    Optional<Docker> docker() {
        return Optional.ofNullable(docker);
    }

    TailraceServer tailrace() {
        return tailrace;
    }

    /** Stops and deletes all of it, once; also called when the process is told to end. */
    @Override
    public synchronized void close() {
        if (!isClosed) {
            isClosed = true;
            closeAll(directory, tailrace, docker, containerd);
        }
    }

    private static void closeAll(Path directory, @Nullable AutoCloseable... parts) {
        for (AutoCloseable part : parts) {
            if (part != null) {
                attempt(part);
            }
        }
        attempt(() -> unmountBelow(directory));
        attempt(() -> delete(directory));
    }

    private static void attempt(AutoCloseable step) {
        try {
            step.close();
        } catch (Exception e) {
            System.err.println("bench: while stopping: " + e);
        }
    }

    /** Root file systems and network namespaces of containers that were not removed in order. */
    private static void unmountBelow(Path directory) throws IOException, InterruptedException {
        List<String> mounts = Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .map(line -> line.split(" ")[4])
                .filter(target -> target.startsWith(directory + "/"))
                .toList();
        for (String target : mounts.reversed()) {
            Programs.run(List.of(Programs.require("umount").toString(), "--lazy", target));
        }
    }

    private static void delete(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Whether something accepts connections at a unix socket. */
    static boolean accepts(Path socket) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }
}
