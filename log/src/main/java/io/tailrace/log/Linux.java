package io.tailrace.log;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The few Linux calls that the JDK does not offer, or only in a form that an interrupt can break: a FileChannel is
 * closed for all its users when one of them is interrupted, a bare descriptor is not.
 *
 * <p>As in the kernel, a negative result is an error number with its sign turned; {@link #failure} makes an exception
 * of it. Calls that a signal interrupted are made again. Thread-safe; {@code state} is memory of the caller's in which
 * the error number is captured ({@link NativeBuffer#state}).
 */
final class Linux {
    static final int EAGAIN = 11;
    static final int EINVAL = 22;
    static final int ENOENT = 2;
    static final int ENOSPC = 28;
    static final int EDQUOT = 122;
    static final int ENOSYS = 38;
    static final int EOPNOTSUPP = 95;
    static final int EINTR = 4;

    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    static final int O_TRUNC = 0x200;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;

    static final short POLLIN = 1;
    static final short POLLERR = 8;
    static final short POLLHUP = 16;

    private static final int F_SETPIPE_SZ = 1031;
    private static final int F_GETPIPE_SZ = 1032;
    private static final int SPLICE_F_MOVE = 1;
    private static final int SPLICE_F_NONBLOCK = 2;
    private static final int LOCK_EX_NB = 2 | 4;
    private static final int SEEK_END = 2;
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int MODE_OWNER_AND_GROUP = 0640;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final MemoryLayout POINTER = ValueLayout.ADDRESS;

    private static final Linker LINKER = Linker.nativeLinker();
    static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle OPEN = call("open", 2, INT, POINTER, INT, INT);
    private static final MethodHandle CLOSE = call("close", -1, INT, INT);
    private static final MethodHandle PREAD = call("pread", -1, LONG, INT, POINTER, LONG, LONG);
    private static final MethodHandle PWRITE = call("pwrite", -1, LONG, INT, POINTER, LONG, LONG);
    private static final MethodHandle READ = call("read", -1, LONG, INT, POINTER, LONG);
    private static final MethodHandle WRITE = call("write", -1, LONG, INT, POINTER, LONG);
    private static final MethodHandle SPLICE = call("splice", -1, LONG, INT, POINTER, INT, POINTER, LONG, INT);
    private static final MethodHandle TEE = call("tee", -1, LONG, INT, INT, LONG, INT);
    private static final MethodHandle PIPE2 = call("pipe2", -1, INT, POINTER, INT);
    private static final MethodHandle POLL = call("poll", -1, INT, POINTER, LONG, INT);
    private static final MethodHandle FTRUNCATE = call("ftruncate", -1, INT, INT, LONG);
    private static final MethodHandle LSEEK = call("lseek", -1, LONG, INT, LONG, INT);
    private static final MethodHandle FALLOCATE = call("fallocate", -1, INT, INT, INT, LONG, LONG);
    private static final MethodHandle FDATASYNC = call("fdatasync", -1, INT, INT);
    private static final MethodHandle FSYNC = call("fsync", -1, INT, INT);
    private static final MethodHandle FCNTL = call("fcntl", 2, INT, INT, INT, INT);
    private static final MethodHandle FLOCK = call("flock", -1, INT, INT, INT);
    private static final MethodHandle EVENTFD = call("eventfd", -1, INT, INT, INT);

    private Linux() {}

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
                if (error == ENOENT) {
                    throw new NoSuchFileException(path.toString());
                }
                if (error != EINTR) {
                    throw failure("open " + path, -error);
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
            } while (result < 0 && errno(state) == EINTR);
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
            } while (result < 0 && errno(state) == EINTR);
            return result < 0 ? -errno(state) : result;
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /**
     * Moves bytes from a pipe to a place in a file. At every instant a byte is in one of the two, also for a process
     * that is killed in the middle of it.
     *
     * @param position eight bytes of native memory that hold the place in the file
     */
    static long splice(MemorySegment state, int pipe, int file, MemorySegment position, long length) {
        var allowed = Disk.enter(Disk.Call.WRITE, file, position.get(LONG, 0), length);
        if (allowed < 0) {
            return allowed;
        }
        try {
            long result;
            do {
                result = (long) SPLICE.invokeExact(
                        state, pipe, MemorySegment.NULL, file, position, allowed, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
            } while (result < 0 && errno(state) == EINTR);
            return result < 0 ? -errno(state) : result;
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** Copies at most one byte between two pipes and leaves it in the first: 0 says that it is empty and has no writer. */
    static long teeOne(int from, int to) {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(STATE);
            var result = (long) TEE.invokeExact(state, from, to, 1L, SPLICE_F_NONBLOCK);
            return result < 0 ? -errno(state) : result;
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** A new pipe. @return its read and its write end */
    static int[] pipe() throws IOException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(STATE);
            var ends = arena.allocate(INT, 2);
            check("pipe2", (int) PIPE2.invokeExact(state, ends, O_CLOEXEC | O_NONBLOCK), state);
            return ends.toArray(INT);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Waits for events. @param polls an array of struct pollfd */
    static long poll(MemorySegment state, MemorySegment polls, long count, int timeoutMillis) {
        try {
            var result = (int) POLL.invokeExact(state, polls, count, timeoutMillis);
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
            } while (result < 0 && errno(state) == EINTR);
            return result < 0 ? -errno(state) : result;
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** Reads from a pipe. */
    static long read(MemorySegment state, int descriptor, MemorySegment to, long length) {
        try {
            long result;
            do {
                result = (long) READ.invokeExact(state, descriptor, to, length);
            } while (result < 0 && errno(state) == EINTR);
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

    /** Asks for a pipe of a size. @return false if the kernel does not allow it */
    static boolean setPipeSize(int descriptor, int bytes) {
        try (var arena = Arena.ofConfined()) {
            return (int) FCNTL.invokeExact(arena.allocate(STATE), descriptor, F_SETPIPE_SZ, bytes) >= 0;
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    static boolean isPipe(int descriptor) {
        try (var arena = Arena.ofConfined()) {
            return (int) FCNTL.invokeExact(arena.allocate(STATE), descriptor, F_GETPIPE_SZ, 0) >= 0;
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** Locks a file against all other opens of it, in this process or another. @return false if it is locked */
    static boolean tryLock(int descriptor) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(STATE);
            var result = (int) FLOCK.invokeExact(state, descriptor, LOCK_EX_NB);
            if (result < 0 && errno(state) == EAGAIN) {
                return false;
            }
            check("flock", result, state);
            return true;
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** A counter to wake a poll with. */
    static int eventCounter() throws IOException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(STATE);
            var result = (int) EVENTFD.invokeExact(state, 0, O_CLOEXEC | O_NONBLOCK);
            check("eventfd", result, state);
            return result;
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Makes an event counter readable. */
    static void signalEvent(int descriptor) {
        try (var arena = Arena.ofConfined()) {
            var one = arena.allocate(LONG);
            one.set(LONG, 0, 1);
            var ignored = (long) WRITE.invokeExact(arena.allocate(STATE), descriptor, one, 8L);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** Sets an event counter back to zero. */
    static void clearEvent(int descriptor) {
        try (var arena = Arena.ofConfined()) {
            var ignored = (long) READ.invokeExact(arena.allocate(STATE), descriptor, arena.allocate(LONG), 8L);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** The exception for a negative result. */
    static IOException failure(String what, long result) {
        var error = Math.toIntExact(-result);
        return switch (error) {
            case ENOSPC -> new TimelineFullException(what + ": no space left on device (ENOSPC)");
            case EDQUOT -> new TimelineFullException(what + ": disk quota exceeded (EDQUOT)");
            case 5 -> new IOException(what + ": input/output error (EIO)");
            case 13 -> new IOException(what + ": permission denied (EACCES)");
            case 24 -> new IOException(what + ": too many open files (EMFILE)");
            case 27 -> new IOException(what + ": file too large (EFBIG)");
            case 30 -> new IOException(what + ": read-only file system (EROFS)");
            default -> new IOException("%s: error number %d".formatted(what, error));
        };
    }

    private static MethodHandle call(String name, int firstVariadic, MemoryLayout result, MemoryLayout... arguments) {
        var address = LINKER.defaultLookup()
                .find(name)
                .orElseThrow(
                        () -> new UnsupportedOperationException("no %s in libc (expected: Linux)".formatted(name)));
        var capture = Linker.Option.captureCallState("errno");
        var descriptor = FunctionDescriptor.of(result, arguments);
        return firstVariadic < 0
                ? LINKER.downcallHandle(address, descriptor, capture)
                : LINKER.downcallHandle(address, descriptor, capture, Linker.Option.firstVariadicArg(firstVariadic));
    }

    private static void enter(Disk.Call call, String what, int descriptor) throws IOException {
        var allowed = Disk.enter(call, descriptor, 0, 0);
        if (allowed < 0) {
            throw failure(what, allowed);
        }
    }

    private static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    private static void check(String what, long result, MemorySegment state) throws IOException {
        if (result < 0) {
            throw failure(what, -errno(state));
        }
    }

    private static IOException rethrow(Throwable e) {
        if (e instanceof IOException io) {
            return io;
        }
        throw unchecked(e);
    }

    private static RuntimeException unchecked(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        if (e instanceof RuntimeException runtime) {
            return runtime;
        }
        throw new AssertionError(e);
    }
}
