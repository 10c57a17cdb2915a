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

/** Calls on pipes, and to wait for them, as {@link Linux} says. */
final class LinuxPipes {
    static final short POLLIN = 1;
    static final short POLLERR = 8;
    static final short POLLHUP = 16;

    private static final int F_SETPIPE_SZ = 1031;
    private static final int F_GETPIPE_SZ = 1032;
    private static final int SPLICE_F_MOVE = 1;
    private static final int SPLICE_F_NONBLOCK = 2;

    private static final MethodHandle READ = call("read", -1, LONG, INT, POINTER, LONG);
    private static final MethodHandle WRITE = call("write", -1, LONG, INT, POINTER, LONG);
    private static final MethodHandle SPLICE = call("splice", -1, LONG, INT, POINTER, INT, POINTER, LONG, INT);
    private static final MethodHandle TEE = call("tee", -1, LONG, INT, INT, LONG, INT);
    private static final MethodHandle PIPE2 = call("pipe2", -1, INT, POINTER, INT);
    private static final MethodHandle POLL = call("poll", -1, INT, POINTER, LONG, INT);
    private static final MethodHandle FCNTL = call("fcntl", 2, INT, INT, INT, INT);
    private static final MethodHandle EVENTFD = call("eventfd", -1, INT, INT, INT);

    private LinuxPipes() {}

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
            } while (result < 0 && errno(state) == Linux.EINTR);
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
            } while (result < 0 && errno(state) == Linux.EINTR);
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
            check("pipe2", (int) PIPE2.invokeExact(state, ends, LinuxFiles.O_CLOEXEC | LinuxFiles.O_NONBLOCK), state);
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

    /** A counter to wake a poll with. */
    static int eventCounter() throws IOException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(STATE);
            var result = (int) EVENTFD.invokeExact(state, 0, LinuxFiles.O_CLOEXEC | LinuxFiles.O_NONBLOCK);
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
}
