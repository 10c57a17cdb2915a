package io.tailrace.bench;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * All that is compared, running: one containerd of its own for everybody, a Docker Engine and a Tailrace server on top
 * of it, the same busybox image in both. Everything lies in one temporary directory and is gone after {@link #close},
 * which is also called when the process is told to end, whatever was started by then.
 */
final class Rig implements AutoCloseable {
    /** What the image is called everywhere. */
    static final String IMAGE = "busybox";

    private final Path directory;
    private final Launcher launcher;
    private final Busybox busybox;
    private final AtomicInteger directories = new AtomicInteger();
    private final Thread hook = new Thread(this::close, "bench-shutdown");

    private @Nullable Containerd containerd;
    private @Nullable Docker docker;
    private @Nullable TailraceServer tailrace;

    /** What is to be closed, the last one first. */
    @GuardedBy("this") private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    @GuardedBy("this") private boolean isClosed;

    private Rig(Launcher launcher, Path directory, Busybox busybox) {
        this.launcher = launcher;
        this.directory = directory;
        this.busybox = busybox;
    }

    /** Starts all of it. @param isDockerWanted false leaves Docker out, as does its absence */
    static Rig open(Launcher launcher, boolean isDockerWanted) throws Exception {
        Path directory = Files.createTempDirectory("tailrace-bench-");
        Rig rig = new Rig(launcher, directory, Busybox.unpack(directory.resolve("busybox")));
        Runtime.getRuntime().addShutdownHook(rig.hook);
        try {
            rig.start(isDockerWanted);
            return rig;
        } catch (Exception e) {
            rig.close();
            throw e;
        }
    }

    private void start(boolean isDockerWanted) throws IOException, InterruptedException {
        containerd = own(Containerd.start(directory.resolve("containerd")));
        if (isDockerWanted && Docker.isInstalled()) {
            docker = own(Docker.start(directory.resolve("docker"), containerd, busybox));
        }
        tailrace = own(TailraceServer.start(launcher, directory.resolve("tailrace"), containerd, busybox));
    }

    /** Closes something with this, at the latest. */
    private synchronized <T extends AutoCloseable> T own(T part) {
        if (isClosed) {
            attempt(part);
        }
        requireOpen();
        parts.push(part);
        return part;
    }

    /** A directory for a scenario's own files. */
    Path directory() {
        return directory;
    }

    /** A new, empty directory; gone with the rest. */
    Path newDirectory() throws IOException {
        return Files.createDirectory(directory.resolve("files-" + directories.incrementAndGet()));
    }

    Launcher launcher() {
        return launcher;
    }

    Busybox busybox() {
        return busybox;
    }

    Containerd containerd() {
        return required(containerd);
    }

    /** Empty if it is not installed or not wanted. */
    Optional<Docker> docker() {
        return Optional.ofNullable(docker);
    }

    TailraceServer tailrace() {
        return required(tailrace);
    }

    private static <T> T required(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("not started yet");
        }
        return part;
    }

    /** Fails once this is closed: what is still being measured then means nothing, and nothing more is to be started. */
    synchronized void requireOpen() {
        if (isClosed) {
            throw new BenchException("told to end");
        }
    }

    /** Stops and deletes all of it, once. */
    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        parts.forEach(Rig::attempt);
        attempt(() -> Leftovers.endProcesses(directory));
        attempt(() -> Leftovers.unmount(directory));
        attempt(() -> Leftovers.delete(directory));
    }

    private static void attempt(AutoCloseable step) {
        try {
            step.close();
        } catch (Exception e) {
            System.err.println("bench: while stopping: " + e);
        }
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
