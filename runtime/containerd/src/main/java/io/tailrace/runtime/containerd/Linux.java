package io.tailrace.runtime.containerd;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The few Linux calls that the JDK has no words for. Thread-safe. Constants are those of the generic ABI, which x86-64
 * and arm64 share.
 */
final class Linux {
    static final int O_RDWR = 2;
    static final int O_WRONLY = 1;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;
    static final int ENOENT = 2;
    static final int ENXIO = 6;
    static final int EAGAIN = 11;
    static final int EEXIST = 17;
    static final int EPERM = 1;
    static final int EACCES = 13;
    static final int ENOTDIR = 20;
    static final int EROFS = 30;
    static final int ENOSPC = 28;
    static final int EFBIG = 27;
    static final int ENAMETOOLONG = 36;
    static final int ENOSYS = 38;
    static final int ELOOP = 40;
    static final int EDQUOT = 122;
    private static final int ENFILE = 23;
    private static final int EMFILE = 24;
    static final int EINVAL = 22;
    static final int EPIPE = 32;
    private static final int ENODEV = 19;

    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    /** Sets an interface's flags: of linux/sockios.h, as the next. */
    private static final long SIOCSIFFLAGS = 0x8914;
    /** Removes a bridge. */
    private static final long SIOCBRDELBR = 0x89a1;
    /** A {@code struct ifreq}, see netdevice(7): a name of at most 15 bytes and NUL, then here flags, 0 for down. */
    private static final int INTERFACE_REQUEST_BYTES = 40;

    /** The bits of a file's mode that say what it is, and two of their values, see inode(7). */
    static final int S_IFMT = 0170000;

    static final int S_IFIFO = 0010000;
    static final int S_IFCHR = 0020000;

    private static final int F_SETPIPE_SZ = 1031;
    private static final int CLONE_NEWNET = 0x40000000;
    private static final long MS_BIND = 0x1000;
    private static final int MNT_DETACH = 2;

    private static final Linker LINKER = Linker.nativeLinker();
    static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURED.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private static final MethodHandle MKFIFO = call("mkfifo", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT));
    private static final MethodHandle OPEN = variadic("open", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT), 2);
    private static final MethodHandle CLOSE = call("close", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle WRITE =
            call("write", FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG));
    private static final MethodHandle FCNTL = variadic("fcntl", FunctionDescriptor.of(INT, INT, INT, INT), 2);
    private static final MethodHandle UNSHARE = call("unshare", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle MOUNT = call(
            "mount",
            FunctionDescriptor.of(
                    INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS, LONG, ValueLayout.ADDRESS));
    private static final MethodHandle LGETXATTR = call(
            "lgetxattr",
            FunctionDescriptor.of(LONG, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS, LONG));
    private static final MethodHandle UMOUNT = call("umount2", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT));

    private static final MethodHandle SOCKET = call("socket", FunctionDescriptor.of(INT, INT, INT, INT));
    private static final MethodHandle IOCTL =
            variadic("ioctl", FunctionDescriptor.of(INT, INT, LONG, ValueLayout.ADDRESS), 2);

    /** What the kernel and Java's own messages call it. */
    static final String OUT_OF_FILES = "too many open files";

    private Linux() {}

    /** A call that failed, with the kernel's reason. */
    static final class LinuxException extends IOException {
        private static final long serialVersionUID = 1;

        private final int errno;

        LinuxException(String call, String subject, int errno) {
            super("%s %s: %s".formatted(call, subject, reason(errno)));
            this.errno = errno;
        }

        private static String reason(int errno) {
            return errno == EMFILE || errno == ENFILE ? OUT_OF_FILES : "errno " + errno;
        }

        int errno() {
            return errno;
        }
    }

    /** Makes a named pipe that only its owner may open; one that exists already is kept. */
    static void makeFifo(Path path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURED);
            int result = (int) MKFIFO.invokeExact(state, string(arena, path), 0600);
            if (result < 0 && errno(state) != EEXIST) {
                throw new LinuxException("mkfifo", path.toString(), errno(state));
            }
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    /** Opens a file and gives its descriptor; the close-on-exec flag is always set. */
    static int open(Path path, int flags) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURED);
            int descriptor = (int) OPEN.invokeExact(state, string(arena, path), flags | O_CLOEXEC);
            if (descriptor < 0) {
                throw new LinuxException("open", path.toString(), errno(state));
            }
            return descriptor;
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    static void close(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            int result = (int) CLOSE.invokeExact(arena.allocate(CAPTURED), descriptor);
            assert result <= 0;
        } catch (Throwable failure) {
            throw new IllegalStateException("close " + descriptor, failure);
        }
    }

    /** Writes once. @return bytes taken from the buffer; -1 if a descriptor that does not block would have blocked */
    static int write(int descriptor, ByteBuffer source, int bytesMax) throws IOException {
        int length = Math.min(source.remaining(), bytesMax);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURED);
            MemorySegment bytes = arena.allocate(length);
            bytes.asByteBuffer().put(source.slice(source.position(), length));
            long written = (long) WRITE.invokeExact(state, descriptor, bytes, (long) length);
            if (written < 0) {
                if (errno(state) == EAGAIN) {
                    return -1;
                }
                throw new LinuxException("write", "descriptor " + descriptor, errno(state));
            }
            source.position(source.position() + (int) written);
            return (int) written;
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    /** Asks for a pipe that holds this many bytes. @return whether the kernel agreed */
    static boolean setPipeBytes(int descriptor, int bytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            return (int) FCNTL.invokeExact(arena.allocate(CAPTURED), descriptor, F_SETPIPE_SZ, bytes) >= 0;
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    /** Gives the calling platform thread a network namespace of its own. */
    static void unshareNetwork() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURED);
            if ((int) UNSHARE.invokeExact(state, CLONE_NEWNET) < 0) {
                throw new LinuxException("unshare", "CLONE_NEWNET", errno(state));
            }
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    static void bindMount(Path source, Path target) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURED);
            int result = (int) MOUNT.invokeExact(
                    state,
                    string(arena, source),
                    string(arena, target),
                    MemorySegment.NULL,
                    MS_BIND,
                    MemorySegment.NULL);
            if (result < 0) {
                throw new LinuxException("mount", target.toString(), errno(state));
            }
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    /** Unmounts, also while in use; what is not mounted or not there is no error. */
    static void unmount(Path target) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURED);
            int result = (int) UMOUNT.invokeExact(state, string(arena, target), MNT_DETACH);
            if (result < 0 && errno(state) != EINVAL && errno(state) != ENOENT) {
                throw new LinuxException("umount2", target.toString(), errno(state));
            }
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    /** Whether a file, links not followed, has an extended attribute of this short value. */
    static boolean hasAttribute(Path file, String name, String value) {
        byte[] wanted = value.getBytes(StandardCharsets.US_ASCII);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = arena.allocate(wanted.length);
            long length = (long) LGETXATTR.invokeExact(
                    arena.allocate(CAPTURED), string(arena, file), arena.allocateFrom(name), found, (long)
                            wanted.length);
            return length == wanted.length && Arrays.equals(found.toArray(ValueLayout.JAVA_BYTE), wanted);
        } catch (Throwable failure) {
            throw new IllegalStateException("lgetxattr " + file, failure);
        }
    }

    /** Removes a bridge's interface. One that is not there is no error. */
    static void removeBridge(String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURED);
            int socket = (int) SOCKET.invokeExact(state, AF_INET, SOCK_DGRAM | O_CLOEXEC, 0);
            if (socket < 0) {
                throw new LinuxException("socket", name, errno(state));
            }
            try {
                MemorySegment request = arena.allocate(INTERFACE_REQUEST_BYTES);
                request.setString(0, name);
                for (long action : new long[] {SIOCSIFFLAGS, SIOCBRDELBR}) {
                    int result = (int) IOCTL.invokeExact(state, socket, action, request);
                    if (result < 0 && errno(state) != ENODEV && errno(state) != ENXIO) {
                        throw new LinuxException("removal of bridge", name, errno(state));
                    }
                }
            } finally {
                close(socket);
            }
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    static MethodHandle call(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(address(name), descriptor, Linker.Option.captureCallState("errno"));
    }

    static MethodHandle variadic(String name, FunctionDescriptor descriptor, int firstVariadic) {
        return LINKER.downcallHandle(
                address(name),
                descriptor,
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(firstVariadic));
    }

    private static MemorySegment address(String name) {
        return LINKER.defaultLookup()
                .or(SymbolLookup.loaderLookup())
                .find(name)
                .orElseThrow(() -> new UnsatisfiedLinkError(name + ": not in the C library"));
    }

    private static MemorySegment string(Arena arena, Path path) {
        return arena.allocateFrom(path.toString());
    }

    static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    static IOException rethrown(Throwable failure) throws IOException {
        switch (failure) {
            case IOException expected -> throw expected;
            case RuntimeException unexpected -> throw unexpected;
            case Error fatal -> throw fatal;
            default -> throw new IllegalStateException(failure);
        }
    }
}
