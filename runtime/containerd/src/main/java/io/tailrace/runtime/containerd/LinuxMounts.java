package io.tailrace.runtime.containerd;

import io.tailrace.runtime.containerd.Linux.LinuxException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Calls that change what the calling thread sees as the file system. They are for a thread which has left the server's own view
 * by {@link #leave}, and which ends afterwards.
 */
final class LinuxMounts {
    private static final int CLONE_NEWNS = 0x20000;
    private static final long MS_RDONLY = 1;
    private static final long MS_REMOUNT = 0x20;
    private static final long MS_BIND = 0x1000;
    private static final long MS_REC = 0x4000;
    private static final long MS_SLAVE = 0x80000;
    private static final int MNT_DETACH = 2;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final java.lang.foreign.AddressLayout ADDRESS = ValueLayout.ADDRESS;

    private static final MethodHandle UNSHARE = Linux.call("unshare", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle MOUNT =
            Linux.call("mount", FunctionDescriptor.of(INT, ADDRESS, ADDRESS, ADDRESS, ValueLayout.JAVA_LONG, ADDRESS));
    private static final MethodHandle UMOUNT = Linux.call("umount2", FunctionDescriptor.of(INT, ADDRESS, INT));
    private static final MethodHandle CHDIR = Linux.call("chdir", FunctionDescriptor.of(INT, ADDRESS));
    private static final MethodHandle PIVOT = Linux.call("pivot_root", FunctionDescriptor.of(INT, ADDRESS, ADDRESS));

    private LinuxMounts() {}

    /** A call that sets errno. */
    private interface Call {
        int make(Arena arena, MemorySegment errno) throws Throwable;
    }

    private static void calling(String name, String subject, Call call) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linux.CAPTURED);
            if (call.make(arena, errno) < 0) {
                throw new LinuxException(name, subject, Linux.errno(errno));
            }
        } catch (Throwable failure) {
            throw Linux.rethrown(failure);
        }
    }

    /** Gives the calling platform thread mounts of its own: none that it makes is seen elsewhere. */
    static void leave() throws IOException {
        calling("unshare", "CLONE_NEWNS", (arena, errno) -> (int) UNSHARE.invokeExact(errno, CLONE_NEWNS));
        // What is unmounted elsewhere is unmounted here as well, so that nothing stays busy.
        mount("none", "/", "", MS_REC | MS_SLAVE, "");
    }

    /** Mounts a file system. @param data its options, as mount(2) takes them */
    static void mount(String source, String target, String type, String data) throws IOException {
        mount(source, target, type, 0, data);
    }

    static void bind(String source, String target) throws IOException {
        mount(source, target, "", MS_BIND | MS_REC, "");
    }

    static void makeReadOnly(String target) throws IOException {
        mount("none", target, "", MS_REMOUNT | MS_BIND | MS_RDONLY, "");
    }

    private static void mount(String source, String target, String type, long flags, String data) throws IOException {
        calling("mount", target, (arena, errno) -> (int) MOUNT.invokeExact(
                errno,
                arena.allocateFrom(source),
                arena.allocateFrom(target),
                arena.allocateFrom(type),
                flags,
                arena.allocateFrom(data)));
    }

    /** The working directory of the calling thread alone, once it has left. */
    static void enter(String directory) throws IOException {
        calling("chdir", directory, (arena, errno) -> (int) CHDIR.invokeExact(errno, arena.allocateFrom(directory)));
    }

    /** Makes the working directory, a mount, the root of the calling thread's view, and drops all else from that. */
    static void dropAllElse() throws IOException {
        // The old root is put on top of the new one, where it can be taken off without a directory for it.
        calling("pivot_root", ".", (arena, errno) ->
                (int) PIVOT.invokeExact(errno, arena.allocateFrom("."), arena.allocateFrom(".")));
        calling("umount2", ".", (arena, errno) -> (int) UMOUNT.invokeExact(errno, arena.allocateFrom("."), MNT_DETACH));
    }
}
