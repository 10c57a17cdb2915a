package io.tailrace.runtime.containerd;

import io.tailrace.runtime.containerd.Linux.LinuxException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Calls on files that are named from the descriptor of a directory, so that whoever moves directories about meanwhile cannot
 * lead them elsewhere. Names are the file system's bytes, one a character: Linux knows no encoding, and Java's paths know only
 * that of the server's locale. Thread-safe.
 */
final class LinuxFiles {
    static final int O_RDONLY = 0;
    static final int O_CREAT = 0x40;
    static final int O_EXCL = 0x80;
    static final int O_PATH = 0x200000;
    static final int O_DIRECTORY = isArm() ? 0x4000 : 0x10000;
    static final int O_NOFOLLOW = isArm() ? 0x8000 : 0x20000;

    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC = 0x7ff;
    private static final int STATX_BYTES = 256;
    private static final long UTIME_OMIT = (1L << 30) - 2;
    private static final int STATFS_BYTES = 256;
    private static final int LINK_BYTES_MAX = 4_096;

    /** openat2(2): the same number everywhere. */
    private static final long OPENAT2 = 437;

    private static final int OPEN_HOW_BYTES = 24;
    /** "/" and absolute links are the directory that the descriptor names, ".." does not leave it; no magic links. */
    private static final long RESOLVE_IN_ROOT = 0x10;
    /** The kernel gives up on a path that is moved about while it is resolved. */
    private static final int OPEN_TRIES_MAX = 128;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final java.lang.foreign.AddressLayout ADDRESS = ValueLayout.ADDRESS;

    private static final MethodHandle SYSCALL =
            Linux.variadic("syscall", FunctionDescriptor.of(LONG, LONG, INT, ADDRESS, ADDRESS, LONG), 1);
    private static final MethodHandle STATX =
            Linux.call("statx", FunctionDescriptor.of(INT, INT, ADDRESS, INT, INT, ADDRESS));
    private static final MethodHandle STATFS = Linux.call("fstatfs", FunctionDescriptor.of(INT, INT, ADDRESS));
    private static final MethodHandle MKDIR = Linux.call("mkdirat", FunctionDescriptor.of(INT, INT, ADDRESS, INT));
    private static final MethodHandle LINK =
            Linux.call("linkat", FunctionDescriptor.of(INT, INT, ADDRESS, INT, ADDRESS, INT));
    private static final MethodHandle SYMLINK =
            Linux.call("symlinkat", FunctionDescriptor.of(INT, ADDRESS, INT, ADDRESS));
    private static final MethodHandle MKNOD =
            Linux.call("mknodat", FunctionDescriptor.of(INT, INT, ADDRESS, INT, LONG));
    private static final MethodHandle UNLINK = Linux.call("unlinkat", FunctionDescriptor.of(INT, INT, ADDRESS, INT));
    private static final MethodHandle READLINK =
            Linux.call("readlinkat", FunctionDescriptor.of(LONG, INT, ADDRESS, ADDRESS, LONG));
    private static final MethodHandle CHOWN =
            Linux.call("fchownat", FunctionDescriptor.of(INT, INT, ADDRESS, INT, INT, INT));
    private static final MethodHandle CHMOD = Linux.call("chmod", FunctionDescriptor.of(INT, ADDRESS, INT));
    private static final MethodHandle UTIMENS =
            Linux.call("utimensat", FunctionDescriptor.of(INT, INT, ADDRESS, ADDRESS, INT));

    private LinuxFiles() {}

    private static boolean isArm() {
        return System.getProperty("os.arch").equals("aarch64");
    }

    /** A call that sets errno; -1 for a failure. */
    private interface Call {
        long make(Arena arena, MemorySegment errno) throws Throwable;
    }

    private static long calling(String name, String subject, Call call) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linux.CAPTURED);
            long result = call.make(arena, errno);
            if (result < 0) {
                throw new LinuxException(name, shown(subject), Linux.errno(errno));
            }
            return result;
        } catch (Throwable failure) {
            throw Linux.rethrown(failure);
        }
    }

    /** A name of the file system's as people read it. */
    static String shown(String name) {
        return new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** A text as the bytes of a name. */
    static String name(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static MemorySegment bytes(Arena arena, String name) {
        return arena.allocateFrom(name, StandardCharsets.ISO_8859_1);
    }

    /** Where a descriptor can be opened once more. */
    static Path again(int descriptor) {
        return Path.of("/proc/self/fd/" + descriptor);
    }

    /** Opens a path below a directory that is its root. A new file belongs to its owner alone. */
    static int open(int root, String path, int flags) throws IOException {
        for (int tries = 1; ; tries++) {
            try {
                return (int) calling("open", path, (arena, errno) -> {
                    MemorySegment how = arena.allocate(OPEN_HOW_BYTES, Long.BYTES);
                    how.set(LONG, 0, flags | Linux.O_CLOEXEC);
                    how.set(LONG, 8, (flags & O_CREAT) != 0 ? 0600 : 0);
                    how.set(LONG, 16, RESOLVE_IN_ROOT);
                    return (long)
                            SYSCALL.invokeExact(errno, OPENAT2, root, bytes(arena, path), how, (long) OPEN_HOW_BYTES);
                });
            } catch (LinuxException failure) {
                if (failure.errno() != Linux.EAGAIN || tries == OPEN_TRIES_MAX) {
                    throw failure;
                }
            }
        }
    }

    /** What a name is, not followed. @param name empty for the descriptor itself */
    static FileStatus status(int directory, String name) throws IOException {
        try (Arena keeping = Arena.ofConfined()) {
            MemorySegment status = keeping.allocate(STATX_BYTES, Long.BYTES);
            long done = calling("stat", name, (arena, errno) -> (int) STATX.invokeExact(
                    errno, directory, bytes(arena, name), AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, STATX_BASIC, status));
            assert done == 0;
            return new FileStatus(
                    Short.toUnsignedInt(status.get(SHORT, 0x1c)),
                    Integer.toUnsignedLong(status.get(INT, 0x10)),
                    Integer.toUnsignedLong(status.get(INT, 0x14)),
                    Integer.toUnsignedLong(status.get(INT, 0x18)),
                    status.get(LONG, 0x20),
                    status.get(LONG, 0x28),
                    ((long) status.get(INT, 0x88) << Integer.SIZE) | Integer.toUnsignedLong(status.get(INT, 0x8c)),
                    status.get(LONG, 0x70),
                    status.get(INT, 0x78),
                    status.get(INT, 0x80),
                    status.get(INT, 0x84));
        }
    }

    /** The magic number of the file system that a descriptor is in. */
    static long fileSystem(int descriptor) throws IOException {
        try (Arena keeping = Arena.ofConfined()) {
            MemorySegment status = keeping.allocate(STATFS_BYTES, Long.BYTES);
            long done = calling("statfs", "", (arena, errno) -> (int) STATFS.invokeExact(errno, descriptor, status));
            assert done == 0;
            return status.get(LONG, 0);
        }
    }

    static void makeDirectory(int directory, String name, int mode) throws IOException {
        done("mkdir", name, (arena, errno) -> (int) MKDIR.invokeExact(errno, directory, bytes(arena, name), mode));
    }

    static void makeLink(int fromDirectory, String from, int directory, String name) throws IOException {
        done("link", name, (arena, errno) ->
                (int) LINK.invokeExact(errno, fromDirectory, bytes(arena, from), directory, bytes(arena, name), 0));
    }

    static void makeSymbolicLink(String target, int directory, String name) throws IOException {
        done("symlink", name, (arena, errno) ->
                (int) SYMLINK.invokeExact(errno, bytes(arena, target), directory, bytes(arena, name)));
    }

    /** A device or a named pipe. @param type as in a file's mode */
    static void makeNode(int directory, String name, int type, int major, int minor) throws IOException {
        long device = ((major & 0xfffL) << 8)
                | ((major & 0xfffff000L) << 32)
                | (minor & 0xffL)
                | ((minor & 0xffffff00L) << 12);
        done("mknod", name, (arena, errno) ->
                (int) MKNOD.invokeExact(errno, directory, bytes(arena, name), type | 0600, device));
    }

    static void remove(int directory, String name, boolean isDirectory) throws IOException {
        done("unlink", name, (arena, errno) ->
                (int) UNLINK.invokeExact(errno, directory, bytes(arena, name), isDirectory ? AT_REMOVEDIR : 0));
    }

    static String readLink(int directory, String name) throws IOException {
        try (Arena keeping = Arena.ofConfined()) {
            MemorySegment target = keeping.allocate(LINK_BYTES_MAX);
            long length = calling("readlink", name, (arena, errno) ->
                    (long) READLINK.invokeExact(errno, directory, bytes(arena, name), target, (long) LINK_BYTES_MAX));
            ByteBuffer bytes = target.asSlice(0, length).asByteBuffer();
            return StandardCharsets.ISO_8859_1.decode(bytes).toString();
        }
    }

    static void changeOwner(int directory, String name, int user, int group) throws IOException {
        done("chown", name, (arena, errno) ->
                (int) CHOWN.invokeExact(errno, directory, bytes(arena, name), user, group, AT_SYMLINK_NOFOLLOW));
    }

    /** Of what the descriptor names, which may be open as a path alone. */
    static void changeMode(int descriptor, int mode) throws IOException {
        String path = again(descriptor).toString();
        done("chmod", path, (arena, errno) -> (int) CHMOD.invokeExact(errno, bytes(arena, path), mode));
    }

    /** The time of the last change; the one of the last access stays. */
    static void changeTime(int directory, String name, long seconds, int nanos) throws IOException {
        done("utimens", name, (arena, errno) -> {
            MemorySegment times = arena.allocateFrom(LONG, 0, UTIME_OMIT, seconds, nanos);
            return (int) UTIMENS.invokeExact(errno, directory, bytes(arena, name), times, AT_SYMLINK_NOFOLLOW);
        });
    }

    private static void done(String name, String subject, Call call) throws IOException {
        long result = calling(name, subject, call);
        assert result == 0;
    }
}
