package io.tailrace.runtime.containerd;

import io.tailrace.runtime.containerd.Linux.LinuxException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The names in a directory, one after the other, however many there are. For one thread. */
final class DirectoryNames implements AutoCloseable {
    private static final MethodHandle OPEN =
            Linux.call("fdopendir", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    private static final MethodHandle READ =
            Linux.call("readdir", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS));
    private static final MethodHandle CLOSE =
            Linux.call("closedir", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));

    /** Where the name begins in a struct dirent of 64-bit Linux, and where it ends at the latest. */
    private static final int NAME_OFFSET = 19;

    private static final int ENTRY_BYTES_MAX = NAME_OFFSET + 256;

    private final MemorySegment stream;

    private DirectoryNames(MemorySegment stream) {
        this.stream = stream;
    }

    /** Those of an open directory; the descriptor stays the caller's. */
    static DirectoryNames of(int directory) throws IOException {
        int own = LinuxFiles.open(directory, ".", LinuxFiles.O_RDONLY | LinuxFiles.O_DIRECTORY);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linux.CAPTURED);
            MemorySegment stream = (MemorySegment) OPEN.invokeExact(errno, own);
            if (stream.equals(MemorySegment.NULL)) {
                Linux.close(own);
                throw new LinuxException("opendir", "descriptor " + directory, Linux.errno(errno));
            }
            return new DirectoryNames(stream);
        } catch (Throwable failure) {
            throw Linux.rethrown(failure);
        }
    }

    /** The next one, other than . and ..; null at the end. */
    @Nullable String next() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            while (true) {
                MemorySegment entry = (MemorySegment) READ.invokeExact(arena.allocate(Linux.CAPTURED), stream);
                if (entry.equals(MemorySegment.NULL)) {
                    return null;
                }
                String name = entry.reinterpret(ENTRY_BYTES_MAX).getString(NAME_OFFSET, StandardCharsets.ISO_8859_1);
                if (!name.equals(".") && !name.equals("..")) {
                    return name;
                }
            }
        } catch (Throwable failure) {
            throw Linux.rethrown(failure);
        }
    }

    @Override
    public void close() {
        try (Arena arena = Arena.ofConfined()) {
            int result = (int) CLOSE.invokeExact(arena.allocate(Linux.CAPTURED), stream);
            assert result == 0;
        } catch (Throwable failure) {
            throw new IllegalStateException("closedir", failure);
        }
    }
}
