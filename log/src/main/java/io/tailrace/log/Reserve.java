package io.tailrace.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Room that a timeline holds on the disk for when there is none left: an empty file with blocks. When a short record has
 * no room, the file becomes the next segment, and its blocks hold that record and those that follow it. Output leaves
 * it alone: it is appended only while there is a reserve, so that there is always room to say what became of it.
 *
 * <p>A file system that cannot set room aside, or may not be asked to, has none; then records wait for room like output. For use under the
 * writer's lock only.
 */
final class Reserve {
    static final String FILE_NAME = "reserve";

    static final String PROBE_NAME = "reserve.probe";
    private static final long STEP_BYTES = 4096;

    private final Path file;
    private final long recordBytes;
    /** Bytes that the file has room for; 0 if there is no such file. */
    private long heldBytes;

    private boolean isUnsupported;

    /** @param recordBytes room for records, beside that for a segment's header; 0: there is never a reserve */
    Reserve(Path directory, long recordBytes) {
        this.file = directory.resolve(FILE_NAME);
        this.recordBytes = recordBytes;
        isUnsupported = recordBytes == 0;
    }

    /** Whether output may be appended. */
    boolean isHeld() {
        return heldBytes > 0 || isUnsupported;
    }

    /**
     * Sets the room aside, or more of it.
     *
     * @param headerBytes of the segment that it may become
     * @throws TimelineFullException if there is none
     */
    void hold(long headerBytes) throws IOException {
        var wanted = headerBytes + recordBytes;
        if (isUnsupported || heldBytes >= wanted) {
            return;
        }
        var number = LinuxFiles.open(
                file, LinuxFiles.O_RDWR | LinuxFiles.O_CREAT | (heldBytes == 0 ? LinuxFiles.O_TRUNC : 0));
        try (var buffer = NativeBuffer.borrow()) {
            var result = LinuxFiles.allocate(buffer.state, number, wanted);
            isUnsupported = isUnsupported(result);
            if (result < 0 && !isUnsupported) {
                throw Linux.failure("fallocate", result);
            }
            heldBytes = isUnsupported ? 0 : wanted;
        } finally {
            LinuxFiles.close(number);
            if (heldBytes == 0 || isUnsupported) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Whether the file system has no such call, or whoever runs the server does not let it be made. */
    private static boolean isUnsupported(long result) {
        return result == -Linux.EOPNOTSUPP
                || result == -Linux.ENOSYS
                || result == -Linux.EINVAL
                || result == -Linux.EPERM;
    }

    /** Fails unless the disk has room for this many bytes more. */
    void requireRoom(long bytes) throws IOException {
        if (isUnsupported) {
            return;
        }
        var probe = file.resolveSibling(PROBE_NAME);
        var number = LinuxFiles.open(probe, LinuxFiles.O_RDWR | LinuxFiles.O_CREAT);
        try (var buffer = NativeBuffer.borrow()) {
            var result = LinuxFiles.allocate(buffer.state, number, bytes);
            isUnsupported = isUnsupported(result); // as after a restart, with what an earlier server had set aside
            if (result < 0 && !isUnsupported) {
                throw Linux.failure("fallocate", result);
            }
        } finally {
            LinuxFiles.close(number);
            Files.deleteIfExists(probe);
        }
    }

    /** Takes over what an earlier server had set aside. @param headerBytes as in {@link #hold} */
    void recover(long headerBytes) throws IOException {
        Files.deleteIfExists(file.resolveSibling(PROBE_NAME));
        if (isUnsupported || !Files.exists(file)) {
            return;
        }
        if (Files.size(file) > 0) {
            Files.delete(file); // it was about to become a segment
            return;
        }
        var number = LinuxFiles.open(file, LinuxFiles.O_RDWR);
        try (var buffer = NativeBuffer.borrow()) {
            // No call says how many blocks it has beyond its end; to ask for those that it has costs nothing.
            for (var wanted = headerBytes + recordBytes; wanted >= recordBytes; wanted -= STEP_BYTES) {
                if (LinuxFiles.allocate(buffer.state, number, wanted) >= 0) {
                    heldBytes = wanted;
                    return;
                }
            }
        } finally {
            LinuxFiles.close(number);
        }
        Files.delete(file);
    }

    /**
     * Hands over the file, to become a segment with a header of that length; {@link #settle} is to follow.
     *
     * @return null if there is no room in it
     */
    @Nullable Path take(long headerBytes) {
        if (isUnsupported || heldBytes < headerBytes + recordBytes / 2) {
            return null;
        }
        return file;
    }

    /** Finds out whether the file was taken. */
    void settle() {
        if (!Files.exists(file)) {
            heldBytes = 0;
        }
    }

    /** Gives the room back to the disk. */
    void release() throws IOException {
        heldBytes = 0;
        Files.deleteIfExists(file);
    }
}
