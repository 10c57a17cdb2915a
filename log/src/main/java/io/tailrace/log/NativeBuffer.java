package io.tailrace.log;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Memory through which bytes pass between heap and file. Borrowed for the length of one call and given back, so that
 * there are never more than threads in a call at once: a virtual thread is not suspended while it holds one.
 */
final class NativeBuffer implements AutoCloseable {
    private static final int PAGE_BYTES = 4096;

    /** The most that one call reads or writes: the largest output, and a page for its header. */
    static final int BYTES = Timeline.OUTPUT_BYTES_MAX + PAGE_BYTES;

    private static final ConcurrentLinkedDeque<NativeBuffer> IDLE = new ConcurrentLinkedDeque<>();

    /** Where a call leaves its error number. */
    final MemorySegment state;
    /** Eight bytes for a call that wants a pointer to a file position. */
    final MemorySegment position;
    /** {@link #BYTES} bytes on a page boundary, so that what is at its begin never lies on two pages. */
    final MemorySegment memory;
    /** The same memory as {@link #memory}. */
    final ByteBuffer bytes;

    private NativeBuffer() {
        state = Arena.global().allocate(Linux.STATE);
        position = Arena.global().allocate(ValueLayout.JAVA_LONG);
        memory = Arena.global().allocate(BYTES, PAGE_BYTES);
        bytes = memory.asByteBuffer();
    }

    static NativeBuffer borrow() {
        var buffer = IDLE.pollFirst();
        return buffer == null ? new NativeBuffer() : buffer;
    }

    /** Gives it back. */
    @Override
    public void close() {
        IDLE.addFirst(this);
    }

    /** Reads bytes of a file into an array; fails if the file ends before. */
    void read(int descriptor, long position, byte[] to, int offset, int length) throws IOException {
        for (int done = 0; done < length; ) {
            var count = LinuxFiles.pread(state, descriptor, memory, Math.min(BYTES, length - done), position + done);
            if (count < 0) {
                throw Linux.failure("read", count);
            }
            if (count == 0) {
                throw new EOFException("file ends at %d (expected: %d)".formatted(position + done, position + length));
            }
            bytes.get(0, to, offset + done, (int) count);
            done += (int) count;
        }
    }

    /** Reads bytes of a file into the begin of this buffer; fails if the file ends before. */
    void fill(int descriptor, long position, int length) throws IOException {
        for (int done = 0; done < length; ) {
            var count = LinuxFiles.pread(state, descriptor, memory.asSlice(done), length - done, position + done);
            if (count < 0) {
                throw Linux.failure("read", count);
            }
            if (count == 0) {
                throw new EOFException("file ends at %d (expected: %d)".formatted(position + done, position + length));
            }
            done += (int) count;
        }
    }

    /** Writes bytes of this buffer. @param from index of the first one */
    void write(int descriptor, long position, int from, int length) throws IOException {
        for (int done = 0; done < length; ) {
            var count =
                    LinuxFiles.pwrite(state, descriptor, memory.asSlice(from + done), length - done, position + done);
            if (count < 0) {
                throw Linux.failure("write", count);
            }
            done += (int) count;
        }
    }
}
