package io.tailrace.log;

import static io.tailrace.log.Linux.INT;
import static io.tailrace.log.Linux.LONG;
import static io.tailrace.log.Linux.POINTER;
import static io.tailrace.log.Linux.STATE;
import static io.tailrace.log.Linux.call;
import static io.tailrace.log.Linux.check;
import static io.tailrace.log.Linux.errno;
import static io.tailrace.log.Linux.rethrow;
import static io.tailrace.log.Linux.unchecked;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Calls on files and directories, as {@link Linux} says. Each asks {@link Disk} first. */
final class LinuxFiles {
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    static final int O_TRUNC = 0x200;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;

    private static final int LOCK_EX_NB = 2 | 4;
    private static final int SEEK_END = 2;
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int MODE_OWNER_AND_GROUP = 0640;
    /** Less what the process's umask takes away. */
    private static final int MODE_ALL = 0777;

    private static final MethodHandle OPEN = call("open", 2, INT, POINTER, INT, INT);
    private static final MethodHandle CLOSE = call("close", -1, INT, INT);
    private static final MethodHandle PREAD = call("pread", -1, LONG, INT, POINTER, LONG, LONG);
    private static final MethodHandle PWRITE = call("pwrite", -1, LONG, INT, POINTER, LONG, LONG);
    private static final MethodHandle FTRUNCATE = call("ftruncate", -1, INT, INT, LONG);
    private static final MethodHandle LSEEK = call("lseek", -1, LONG, INT, LONG, INT);
    private static final MethodHandle FALLOCATE = call("fallocate", -1, INT, INT, INT, LONG, LONG);
    private static final MethodHandle FDATASYNC = call("fdatasync", -1, INT, INT);
    private static final MethodHandle FSYNC = call("fsync", -1, INT, INT);
    private static final MethodHandle FLOCK = call("flock", -1, INT, INT, INT);
    private static final MethodHandle RENAME = call("rename", -1, INT, POINTER, POINTER);
    private static final MethodHandle MKDIR = call("mkdir", -1, INT, POINTER, INT);

    private LinuxFiles() {}

    /** Opens a file. @return its descriptor */
    static int open(Path path, int flags) throws IOException {
        Disk.enter(Disk.Call.OPEN, path);
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(STATE);
            var name = arena.allocateFrom(path.toString());
            while (true) {
                int result = (int) OPEN.invokeExact(state, name, flags | O_CLOEXEC, MODE_OWNER_AND_GROUP);
                if (result >= 0) {
                    Disk.opened(path, result);
                    return result;
                }
                var error = errno(state);
                if (error == Linux.ENOENT) {
                    throw new NoSuchFileException(path.toString());
                }
                if (error != Linux.EINTR) {
                    throw Linux.failure("open " + path, -error);
                }
            }
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Closes a descriptor; an error of close tells nothing that a write did not. */
    static void close(int descriptor) {
        Disk.closing(descriptor);
        try (var arena = Arena.ofConfined()) {
            var ignored = (int) CLOSE.invokeExact(arena.allocate(STATE), descriptor);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    static long pread(MemorySegment state, int descriptor, MemorySegment to, long length, long position) {
        var allowed = Disk.enter(Disk.Call.READ, descriptor, position, length);
        if (allowed < 0) {
            return allowed;
        }
        try {
            long result;
            do {
                result = (long) PREAD.invokeExact(state, descriptor, to, allowed, position);
            } while (result < 0 && errno(state) == Linux.EINTR);
            return result < 0 ? -errno(state) : result;
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    static long pwrite(MemorySegment state, int descriptor, MemorySegment from, long length, long position) {
        var allowed = Disk.enter(Disk.Call.WRITE, descriptor, position, length);
        if (allowed < 0) {
            return allowed;
        }
        try {
            long result;
            do {
                result = (long) PWRITE.invokeExact(state, descriptor, from, allowed, position);
            } while (result < 0 && errno(state) == Linux.EINTR);
            return result < 0 ? -errno(state) : result;
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    static void truncate(int descriptor, long length) throws IOException {
        enter(Disk.Call.TRUNCATE, "ftruncate", descriptor);
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(STATE);
            check("ftruncate", (int) FTRUNCATE.invokeExact(state, descriptor, length), state);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Gives a file blocks for its first bytes, and leaves its size as it is. Blocks that it has cost nothing. */
    static long allocate(MemorySegment state, int descriptor, long bytes) {
        var allowed = Disk.enter(Disk.Call.WRITE, descriptor, 0, bytes);
        if (allowed < 0) {
            return allowed;
        }
        try {
            int result;
            do {
                result = (int) FALLOCATE.invokeExact(state, descriptor, FALLOC_FL_KEEP_SIZE, 0L, bytes);
            } while (result < 0 && errno(state) == Linux.EINTR);
            return result < 0 ? -errno(state) : result;
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    static long size(int descriptor) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(STATE);
            var result = (long) LSEEK.invokeExact(state, descriptor, 0L, SEEK_END);
            check("lseek", result, state);
            return result;
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Writes a file's bytes, and what is needed to find them, to the disk. */
    static void syncData(int descriptor) throws IOException {
        enter(Disk.Call.SYNC, "fdatasync", descriptor);
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(STATE);
            check("fdatasync", (int) FDATASYNC.invokeExact(state, descriptor), state);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Writes a directory's entries to the disk. */
    static void syncDirectory(Path directory) throws IOException {
        var descriptor = open(directory, O_RDONLY);
        try (var arena = Arena.ofConfined()) {
            enter(Disk.Call.SYNC, "fsync", descriptor);
            var state = arena.allocate(STATE);
            check("fsync", (int) FSYNC.invokeExact(state, descriptor), state);
        } catch (Throwable e) {
            throw rethrow(e);
        } finally {
            close(descriptor);
        }
    }

    /** Gives a file or directory another name; what has that name is replaced, all in one step. */
    static void rename(Path from, Path to) throws IOException {
        Disk.enter(Disk.Call.MAKE, to);
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(STATE);
            var result = (int)
                    RENAME.invokeExact(state, arena.allocateFrom(from.toString()), arena.allocateFrom(to.toString()));
            check("rename %s to %s".formatted(from, to), result, state);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Makes a directory. @return false if something has its name */
    static boolean makeDirectory(Path directory) throws IOException {
        Disk.enter(Disk.Call.MAKE, directory);
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(STATE);
            var result = (int) MKDIR.invokeExact(state, arena.allocateFrom(directory.toString()), MODE_ALL);
            if (result < 0 && errno(state) == Linux.EEXIST) {
                return false;
            }
            check("mkdir " + directory, result, state);
            return true;
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Locks a file against all other opens of it, in this process or another. @return false if it is locked */
    static boolean tryLock(int descriptor) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(STATE);
            var result = (int) FLOCK.invokeExact(state, descriptor, LOCK_EX_NB);
            if (result < 0 && errno(state) == Linux.EAGAIN) {
                return false;
            }
            check("flock", result, state);
            return true;
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    private static void enter(Disk.Call call, String what, int descriptor) throws IOException {
        var allowed = Disk.enter(call, descriptor, 0, 0);
        if (allowed < 0) {
            throw Linux.failure(what, allowed);
        }
    }
}
