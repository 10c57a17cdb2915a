package io.tailrace.log;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The seam between Tailrace and the disk, for simulations. Whatever opens, reads, changes, lists or deletes a file, here
 * and in the engine, asks first, and whoever watches may let the call fail as the kernel would, do a part of it, or see
 * the machine started anew. In a server nobody watches, and asking is to read one field beside a system call.
 * Thread-safe.
 */
public final class Disk {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private static volatile @Nullable Watcher watcher;

    private Disk() {}

    /** What is about to be done. */
    public enum Call {
        /** A file is opened, or made. */
        OPEN,
        /** A directory's entries are listed. */
        LIST,
        /** A directory is made, or a file or directory moved. */
        MAKE,
        /** A file is deleted. */
        DELETE,
        /** Bytes of an open file are read. */
        READ,
        /** Bytes are written to an open file, from memory or from a pipe. */
        WRITE,
        /** The end of an open file is cut off. */
        TRUNCATE,
        /** An open file or directory is written back. */
        SYNC
    }

    /** Decides what becomes of calls. Called by the thread that makes the call. */
    interface Watcher {
        /** Before a call on a path; throws what the call is to fail with. */
        void enter(Call call, Path path) throws IOException;

        /** Before a call on an open file. @return how many of the bytes to do at most; negative: an error number */
        long enter(Call call, int descriptor, long position, long length);

        /** A file was opened. */
        void opened(Path path, int descriptor);

        /** A file is about to be closed. */
        void closing(int descriptor);

        /** The machine's boot id. */
        UUID bootId(Path directory) throws IOException;
    }

    /** Sets who watches all disk calls of this process; null for nobody. */
    static void watch(@Nullable Watcher next) {
        watcher = next;
    }

    /**
     * To be called before a call on a path.
     *
     * @throws IOException if it is to fail
     */
    public static void enter(Call call, Path path) throws IOException {
        var current = watcher;
        if (current != null) {
            current.enter(call, path);
        }
    }

    /**
     * Makes a directory and those above it, where they are missing.
     *
     * @param isSafe whether those that are made outlast a power cut from then on
     * @throws TimelineFullException if there is no room for one
     */
    public static void makeDirectories(Path directory, boolean isSafe) throws IOException {
        var missing = new ArrayDeque<Path>();
        for (var path = directory.toAbsolutePath(); path != null && !Files.isDirectory(path); path = path.getParent()) {
            missing.push(path);
        }
        for (var path : missing) {
            if (!LinuxFiles.makeDirectory(path) && !Files.isDirectory(path)) {
                throw new FileAlreadyExistsException(path.toString(), null, "it is something else than a directory");
            }
            var parent = path.getParent();
            if (isSafe && parent != null) {
                sync(parent);
            }
        }
    }

    /**
     * Gives a file or directory another name on the same file system, in one step.
     *
     * @throws TimelineFullException if there is no room for the name
     * @throws java.nio.file.NoSuchFileException if it is not there
     */
    public static void move(Path from, Path to) throws IOException {
        LinuxFiles.rename(from, to);
    }

    /** Has a directory's entries outlast a power cut. */
    public static void sync(Path directory) throws IOException {
        LinuxFiles.syncDirectory(directory);
    }

    /** To be called before a call on an open file. @return as {@link Watcher#enter(Call, int, long, long)} */
    static long enter(Call call, int descriptor, long position, long length) {
        var current = watcher;
        return current == null ? length : current.enter(call, descriptor, position, length);
    }

    static void opened(Path path, int descriptor) {
        var current = watcher;
        if (current != null) {
            current.opened(path, descriptor);
        }
    }

    static void closing(int descriptor) {
        var current = watcher;
        if (current != null) {
            current.closing(descriptor);
        }
    }

    /** The id that the machine took when it was started. @param directory on whose machine */
    static UUID bootId(Path directory) throws IOException {
        var current = watcher;
        return current == null ? realBootId() : current.bootId(directory);
    }

    static UUID realBootId() throws IOException {
        return UUID.fromString(Files.readString(BOOT_ID).strip());
    }
}
