package io.tailrace.log;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Counts the bytes that are dropped because the disk is full, until a Gap can say so. The count also stands in a file,
 * which is made while there is room and then only overwritten, so that the next server knows of it: 40 bytes, big-endian.
 *
 * <pre>
 *   0  u64  0x7461696c64726f70 ("taildrop")
 *   8  u64  sequence that the Gap will have; a file of another one than the next is of no account
 *  16  u64  bytes of stdout dropped so far
 *  24  u64  bytes of stderr dropped so far
 *  32  u32  1 if recovery has cut off damage there; otherwise 0
 *  36  u32  CRC-32 of bytes 0 to 35
 * </pre>
 *
 * <p>Bytes are read from the pipe, then counted: a server that is killed between the two has dropped at most
 * {@link Timeline#OUTPUT_BYTES_MAX} more of a stream than the file says. For use under the writer's lock only.
 */
final class Drops {
    static final String FILE_NAME = "dropped";
    /** Room that there must be before output is recorded again. */
    static final int ROOM_BYTES = 4 * Timeline.OUTPUT_BYTES_MAX;
    /** A server was killed while it dropped. */
    static final String AT_LEAST = "dropped-at-least";
    /** Recovery has cut off damage. */
    static final String DAMAGED_AT_LEAST = "damaged-at-least";
    /** All that was dropped was counted. */
    static final String EXACT = "dropped";

    private static final long MAGIC = 0x7461696c64726f70L;
    private static final int BYTES = 40;
    private static final int DAMAGE_AT = 32;
    private static final int CRC_AT = 36;

    private final Path file;
    private long sequence;
    private long stdoutBytes;
    private long stderrBytes;
    private boolean isAtLeast;
    private boolean isDamage;
    private @Nullable Descriptor descriptor;

    Drops(Path directory) {
        this.file = directory.resolve(FILE_NAME);
    }

    /** Whether a Gap is due. */
    boolean isDue() {
        return sequence != 0;
    }

    /** Makes the file while there is room for it. */
    void makeRoom() throws IOException {
        var number = LinuxFiles.open(file, LinuxFiles.O_RDWR | LinuxFiles.O_CREAT);
        try (var buffer = NativeBuffer.borrow()) {
            if (LinuxFiles.size(number) < BYTES) {
                write(number, buffer);
            }
        } finally {
            LinuxFiles.close(number);
        }
    }

    /** Takes over what a killed server had counted. @param end where the next record will stand */
    void recover(Place end) throws IOException {
        var bytes = new byte[BYTES];
        try (var buffer = NativeBuffer.borrow()) {
            var number = LinuxFiles.open(file, LinuxFiles.O_RDONLY);
            try {
                buffer.read(number, 0, bytes, 0, BYTES);
            } finally {
                LinuxFiles.close(number);
            }
        } catch (NoSuchFileException | EOFException e) {
            return; // nothing was ever dropped
        }
        var count = ByteBuffer.wrap(bytes);
        var isCount = count.getLong(0) == MAGIC && count.getInt(CRC_AT) == Checksum.of(bytes, 0, CRC_AT);
        if (isCount
                && count.getLong(8) == end.sequence()
                && canFollow(count.getLong(16), end.stdoutOffset())
                && canFollow(count.getLong(24), end.stderrOffset())) {
            sequence = end.sequence();
            stdoutBytes = count.getLong(16);
            stderrBytes = count.getLong(24);
            isAtLeast = true;
            isDamage = count.getInt(DAMAGE_AT) == 1;
        }
    }

    private static boolean canFollow(long bytes, long offset) {
        return bytes >= 0 && bytes <= SegmentHeader.NUMBER_MAX - offset;
    }

    /** Call before bytes are dropped. @param next the sequence of the next record */
    void begin(long next, NativeBuffer buffer) throws IOException {
        if (descriptor != null && sequence == next) {
            return;
        }
        var opened = descriptor == null
                ? new Descriptor(LinuxFiles.open(file, LinuxFiles.O_RDWR | LinuxFiles.O_CREAT))
                : descriptor;
        var before = sequence;
        sequence = next;
        try {
            write(opened.number(), buffer);
            descriptor = opened;
        } catch (IOException e) {
            sequence = before;
            opened.release();
            descriptor = null;
            throw e;
        }
    }

    /** What was recorded before the next record is gone, and nobody knows how much that was. */
    void noteDamage(long next, NativeBuffer buffer) {
        isDamage = true;
        isAtLeast = true;
        try {
            begin(next, buffer);
        } catch (IOException e) {
            sequence = next; // told by this server, or by none
        }
    }

    /** Counts bytes that were dropped. */
    void add(StdStream stream, long bytes, NativeBuffer buffer) {
        if (stream == StdStream.STDOUT) {
            stdoutBytes += bytes;
        } else {
            stderrBytes += bytes;
        }
        var opened = descriptor;
        if (opened == null) {
            throw new IllegalStateException("nothing is being dropped");
        }
        try {
            write(opened.number(), buffer);
        } catch (IOException e) {
            // The file says that there is a Gap, and to a server that reads it this is one of at least so much.
        }
    }

    /** Whether nothing was dropped after all. */
    boolean isNothing() {
        return stdoutBytes == 0 && stderrBytes == 0 && !isAtLeast;
    }

    /** The payload of the Gap. @param at where it will stand */
    ByteBuffer gap(Place at) {
        return Payload.gap(
                isDamage ? DAMAGED_AT_LEAST : isAtLeast ? AT_LEAST : EXACT,
                at.stdoutOffset(),
                at.stdoutOffset() + stdoutBytes,
                at.stderrOffset(),
                at.stderrOffset() + stderrBytes);
    }

    /** The Gap is recorded. */
    void settle() {
        sequence = 0;
        stdoutBytes = 0;
        stderrBytes = 0;
        isAtLeast = false;
        isDamage = false;
        close();
    }

    /** Gives the room back. */
    void release() throws IOException {
        if (!isDue()) {
            Files.deleteIfExists(file);
        }
    }

    void close() {
        if (descriptor != null) {
            descriptor.release();
            descriptor = null;
        }
    }

    private void write(int number, NativeBuffer buffer) throws IOException {
        var to = buffer.bytes;
        to.putLong(0, MAGIC);
        to.putLong(8, sequence);
        to.putLong(16, stdoutBytes);
        to.putLong(24, stderrBytes);
        to.putInt(DAMAGE_AT, isDamage ? 1 : 0);
        to.putInt(CRC_AT, Checksum.of(to.slice(0, CRC_AT)));
        buffer.write(number, 0, 0, BYTES);
    }
}
