package io.tailrace.log;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Puts records into the file of the open segment. One that does not become {@link #published}, whatever went wrong, is cut
 * off before the next record; bytes that have left their pipe are kept and sealed before the next record. For use under
 * the writer's lock only.
 */
final class SegmentWriter implements AutoCloseable {
    private final Descriptor descriptor;
    /** A record that may have got bytes from a pipe and is not published. */
    private @Nullable OpenRecord moving;
    /** Whether there may be something behind the end. */
    private boolean mustTidy;

    SegmentWriter(Segment segment) throws IOException {
        this.descriptor = segment.lease();
    }

    /** Writes a record behind a place. @return where it ends */
    long write(Place place, RecordHeader header, ByteBuffer payload, NativeBuffer buffer) throws IOException {
        var at = RecordHeader.placeAfter(place.position());
        mustTidy = true;
        header.encode(buffer.bytes, 0);
        var filled = RecordHeader.BYTES;
        for (int done = 0; ; ) {
            var part = Math.min(payload.remaining() - done, NativeBuffer.BYTES - filled);
            buffer.bytes.put(filled, payload, payload.position() + done, part);
            done += part;
            filled += part;
            buffer.write(descriptor.number(), at, 0, filled);
            at += filled;
            filled = 0;
            if (done == payload.remaining()) {
                return at;
            }
        }
    }

    /**
     * Moves bytes from a pipe into a record behind a place; they are left at the begin of the buffer.
     *
     * @return the sealed header; null if no bytes came
     */
    @Nullable RecordHeader move(Place place, RecordHeader open, int pipe, NativeBuffer buffer) throws IOException {
        var record = new OpenRecord(open, RecordHeader.placeAfter(place.position()));
        mustTidy = true;
        record.write(descriptor.number(), buffer);
        buffer.position.set(ValueLayout.JAVA_LONG, 0, record.payloadAt());
        moving = record;
        var moved = LinuxPipes.splice(
                buffer.state, pipe, descriptor.number(), buffer.position, lengthFrom(record.payloadAt()));
        if (moved <= 0) {
            moving = null;
            tidy(place, buffer);
            if (moved == 0 || moved == -Linux.EAGAIN) {
                return null;
            }
            throw Linux.failure("splice", moved);
        }
        return record.seal(descriptor.number(), (int) moved, buffer);
    }

    /** The last record that was written, moved or tidied is one of the timeline now. */
    void published() {
        moving = null;
        mustTidy = false;
    }

    /** Whether there may be bytes in the file that have left their pipe and are in no record yet. */
    boolean hasMoved() {
        return moving != null;
    }

    /**
     * Puts right what an earlier failure left.
     *
     * @return the header of a record that this has sealed, to be published; its bytes are at the begin of the buffer. Null
     *     if there is none
     */
    @Nullable RecordHeader tidy(Place place, NativeBuffer buffer) throws IOException {
        if (!mustTidy) {
            return null;
        }
        var record = moving;
        if (record != null) {
            var length = LinuxFiles.size(descriptor.number()) - record.payloadAt();
            if (length > 0) {
                return record.seal(descriptor.number(), (int) length, buffer);
            }
        }
        LinuxFiles.truncate(descriptor.number(), place.position());
        published();
        return null;
    }

    /** Has the disk write what is in the file. */
    void sync() throws IOException {
        LinuxFiles.syncData(descriptor.number());
    }

    /**
     * As {@link #sync}; if it fails, what was written behind the end is cut off.
     *
     * @throws RecordInDoubtException if that fails as well; it is done before the next record
     */
    void syncOrCut(Place end) throws IOException {
        try {
            sync();
        } catch (IOException e) {
            cutOff(end, e);
            throw e;
        }
    }

    private void cutOff(Place end, IOException failure) throws RecordInDoubtException {
        try {
            LinuxFiles.truncate(descriptor.number(), end.position());
            mustTidy = false;
        } catch (IOException e) {
            failure.addSuppressed(e);
            throw new RecordInDoubtException(failure);
        }
    }

    @Override
    public void close() {
        descriptor.release();
    }

    /** How much to move at most: a full record ends on a boundary, because the kernel is quicker with whole large pages. */
    private static long lengthFrom(long position) {
        return Timeline.OUTPUT_BYTES_MAX - (position & (Timeline.OUTPUT_BYTES_MAX - 1));
    }
}
