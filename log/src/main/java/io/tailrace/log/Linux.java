package io.tailrace.log;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.NoSuchFileException;

/**
 * How the few Linux calls are made that the JDK does not offer, or only in a form that an interrupt can break: a
 * FileChannel is closed for all its users when one of them is interrupted, a bare descriptor is not. The calls themselves
 * are {@link LinuxFiles} and {@link LinuxPipes}.
 *
 * <p>As in the kernel, a negative result is an error number with its sign turned; {@link #failure} makes an exception
 * of it. Calls that a signal interrupted are made again. Thread-safe; {@code state} is memory of the caller's in which
 * the error number is captured ({@link NativeBuffer#state}).
 */
final class Linux {
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int EEXIST = 17;
    static final int EINVAL = 22;
    static final int ENOSPC = 28;
    static final int ENOSYS = 38;
    static final int EOPNOTSUPP = 95;
    static final int EDQUOT = 122;

    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    static final MemoryLayout POINTER = ValueLayout.ADDRESS;
    static final StructLayout STATE = Linker.Option.captureStateLayout();

    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private Linux() {}

    /** A function of libc. @param firstVariadic index of its first variadic argument; negative if it has none */
    static MethodHandle call(String name, int firstVariadic, MemoryLayout result, MemoryLayout... arguments) {
        var linker = Linker.nativeLinker();
        var address = linker.defaultLookup()
                .find(name)
                .orElseThrow(
                        () -> new UnsupportedOperationException("no %s in libc (expected: Linux)".formatted(name)));
        var capture = Linker.Option.captureCallState("errno");
        var descriptor = FunctionDescriptor.of(result, arguments);
        return firstVariadic < 0
                ? linker.downcallHandle(address, descriptor, capture)
                : linker.downcallHandle(address, descriptor, capture, Linker.Option.firstVariadicArg(firstVariadic));
    }

    /** The exception for a negative result. @param what call, and path if there is one */
    static IOException failure(String what, long result) {
        var error = Math.toIntExact(-result);
        return switch (error) {
            case ENOENT -> new NoSuchFileException(what);
            case ENOSPC -> new TimelineFullException(what + ": no space left on device (ENOSPC)");
            case EDQUOT -> new TimelineFullException(what + ": disk quota exceeded (EDQUOT)");
            case EPERM -> new IOException(what + ": operation not permitted (EPERM)");
            case 5 -> new IOException(what + ": input/output error (EIO)");
            case 13 -> new IOException(what + ": permission denied (EACCES)");
            case EEXIST -> new IOException(what + ": file exists (EEXIST)");
            case 24 -> new IOException(what + ": too many open files (EMFILE)");
            case 27 -> new IOException(what + ": file too large (EFBIG)");
            case 30 -> new IOException(what + ": read-only file system (EROFS)");
            default -> new IOException("%s: error number %d".formatted(what, error));
        };
    }

    static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    static void check(String what, long result, MemorySegment state) throws IOException {
        if (result < 0) {
            throw failure(what, -errno(state));
        }
    }

    static IOException rethrow(Throwable e) {
        if (e instanceof IOException io) {
            return io;
        }
        throw unchecked(e);
    }

    static RuntimeException unchecked(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        if (e instanceof RuntimeException runtime) {
            return runtime;
        }
        throw new AssertionError(e);
    }
}
