package io.tailrace.runtime.containerd;

import io.tailrace.runtime.containerd.Linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The named pipes of one process, in a directory of their own: {@code stdout}, {@code stderr} unless there is a
 * terminal, {@code stdin} if clients write to it.
 */
final class Stdio {
    /** A container writes this much ahead of its reader; the kernel grants it to unprivileged users, too. */
    private static final int PIPE_BYTES = 1 << 20;

    private final Path directory;
    private final boolean hasTerminal;
    private final boolean hasStdin;

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

    /** The size is the open pipe's, not the file's: set it while open, and stay until the keeper has it open. */
    private static void makeOutput(Path fifo, KeeperClient keeper) throws IOException {
        Linux.makeFifo(fifo);
        int descriptor = Linux.open(fifo, Linux.O_RDWR | Linux.O_NONBLOCK);
        try {
            Linux.setPipeBytes(descriptor, PIPE_BYTES);
            keeper.hold(fifo);
        } finally {
            Linux.close(descriptor);
        }
    }

    /** Tells the keeper, which may be a new one, to hold the pipes. */
    void holdAgain(KeeperClient keeper) {
        keeper.hold(stdout());
        if (!hasTerminal) {
            keeper.hold(stderr());
        }
    }

    /** Removes pipes and directory; what is gone already is no error. */
    void remove(KeeperClient keeper) throws IOException {
        keeper.release(stdout());
        Files.deleteIfExists(stdout());
        keeper.release(stderr());
        Files.deleteIfExists(stderr());
        Files.deleteIfExists(stdin());
        Files.deleteIfExists(directory);
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
