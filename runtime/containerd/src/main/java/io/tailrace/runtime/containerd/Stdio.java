package io.tailrace.runtime.containerd;

import io.tailrace.runtime.containerd.Linux.LinuxException;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The named pipes of one process, in a directory of their own: {@code stdout}, {@code stderr} unless there is a
 * terminal, {@code stdin} if clients write to it. Thread-safe.
 *
 * <p>A pipe without a writer looks ended to its reader, and the shim opens those of an exec process only when that is
 * started. So until the start this side has them open, too.
 */
final class Stdio {
    /** A container writes this much ahead of its reader; the kernel grants it to unprivileged users, too. */
    private static final int PIPE_BYTES = 1 << 20;

    private final Path directory;
    private final boolean hasTerminal;
    private final boolean hasStdin;
    /** Guarded by this: descriptors that stand for the writer to come. */
    private final List<Integer> standIns = new ArrayList<>();

    Stdio(Path directory, boolean hasTerminal, boolean hasStdin) {
        this.directory = directory;
        this.hasTerminal = hasTerminal;
        this.hasStdin = hasStdin;
    }

    /** The pipes that are there, of a process that an earlier server prepared; empty if there are none. */
    static Optional<Stdio> existing(Path directory) {
        if (!Files.exists(directory.resolve("stdout"))) {
            return Optional.empty();
        }
        return Optional.of(new Stdio(
                directory, !Files.exists(directory.resolve("stderr")), Files.exists(directory.resolve("stdin"))));
    }

    boolean hasTerminal() {
        return hasTerminal;
    }

    boolean hasStdin() {
        return hasStdin;
    }

    Path stdout() {
        return directory.resolve("stdout");
    }

    Path stderr() {
        return directory.resolve("stderr");
    }

    Path stdin() {
        return directory.resolve("stdin");
    }

    /** The paths as containerd takes them: empty for what there is not. */
    String stdinName() {
        return hasStdin ? stdin().toString() : "";
    }

    String stderrName() {
        return hasTerminal ? "" : stderr().toString();
    }

    /**
     * Makes the pipes and has the keeper hold those for output. stdout is made last and removed first, so that it says
     * whether the others are complete.
     */
    void create(KeeperClient keeper) throws IOException {
        Files.createDirectories(directory);
        if (hasStdin) {
            Linux.makeFifo(stdin());
        }
        if (!hasTerminal) {
            makeOutput(stderr(), keeper);
        }
        makeOutput(stdout(), keeper);
    }

    /** The size is the open pipe's, not the file's, so it is set while open. */
    private void makeOutput(Path fifo, KeeperClient keeper) throws IOException {
        Linux.makeFifo(fifo);
        Linux.setPipeBytes(openStandIn(fifo), PIPE_BYTES);
        keeper.hold(fifo);
    }

    private synchronized int openStandIn(Path fifo) throws IOException {
        int descriptor = Linux.open(fifo, Linux.O_RDWR | Linux.O_NONBLOCK);
        standIns.add(descriptor);
        return descriptor;
    }

    /** The process has them open itself now, or never will: from here on they end when it ends. */
    synchronized void releaseStandIns() {
        standIns.forEach(Linux::close);
        standIns.clear();
    }

    /** Takes over from an earlier server: the keeper may be a new one, and the process not started yet. */
    void takeOver(KeeperClient keeper, boolean isStarted) throws IOException {
        for (Path fifo : hasTerminal ? List.of(stdout()) : List.of(stdout(), stderr())) {
            if (!isStarted) {
                openStandIn(fifo);
            }
            keeper.hold(fifo);
        }
    }

    /** Removes pipes and directory; what is gone already is no error. */
    void remove(KeeperClient keeper) throws IOException {
        releaseStandIns();
        keeper.release(stdout());
        Files.deleteIfExists(stdout());
        keeper.release(stderr());
        Files.deleteIfExists(stderr());
        Files.deleteIfExists(stdin());
        Files.deleteIfExists(directory);
    }

    /** As {@link #remove}, after a failure that is the one to tell: the removal of the container finds what is left. */
    void removeQuietly(KeeperClient keeper) {
        try {
            remove(keeper);
        } catch (IOException | ContainerRuntimeException left) {
            // Said above.
        }
    }

    /** Opens the write end of stdin; empty while nobody has it open for reading. */
    Optional<Integer> openStdin() throws IOException {
        try {
            return Optional.of(Linux.open(stdin(), Linux.O_WRONLY | Linux.O_NONBLOCK));
        } catch (LinuxException failure) {
            if (failure.errno() == Linux.ENXIO) {
                return Optional.empty();
            }
            throw failure;
        }
    }
}
