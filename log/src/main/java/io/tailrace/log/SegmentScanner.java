package io.tailrace.log;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Walks the records of a segment, and proves each header before it believes it: its checksum, its sequence, its time
 * and its offset must follow from what came before. Holds the segment open and one window of its bytes, until
 * {@link #close}. For one thread at a time.
 *
 * <p>A window is never written again once it is filled: payloads are slices of it that outlive it.
 */
final class SegmentScanner implements AutoCloseable {
    /**
     * Window for those who read payloads: the largest output with its header. Larger ones were measured to be slower: the
     * system call they save costs less than the fresh memory that is not in the processor's cache.
     */
    static final int READING_WINDOW_BYTES = RecordHeader.BYTES + Timeline.OUTPUT_BYTES_MAX;
    /** Window for those who look at headers and skip most payloads. */
    static final int SKIPPING_WINDOW_BYTES = 4 << 10;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Descriptor descriptor;
    private final int windowBytes;
    private Place place;
    private ByteBuffer window = NOTHING;
    private long windowAt;
    private long limit;
    private long payloadAt;
    private @Nullable RecordHeader header;

    /** Begins at a place of a segment. */
    SegmentScanner(Segment segment, Place place, int windowBytes) throws IOException {
        this.descriptor = segment.lease();
        this.place = place;
        this.windowBytes = windowBytes;
    }

    /** Where it is. */
    Place place() {
        return place;
    }

    /**
     * The header of the next record, which stays the next one. It may be OPEN.
     *
     * @param limit where the bytes end that may be looked at
     * @throws DamagedRecordException if what is there is not the record that should be there
     */
    RecordHeader peek(long limit) throws IOException {
        var at = RecordHeader.placeAfter(place.position());
        if (at + RecordHeader.BYTES > limit) {
            throw DamagedRecordException.cutShort("no room for a record header");
        }
        this.limit = limit;
        load(at, RecordHeader.BYTES);
        var next = RecordHeader.decode(window, (int) (at - windowAt));
        if (next.sequence() != place.sequence()) {
            throw new DamagedRecordException("sequence %d (expected: %d)".formatted(next.sequence(), place.sequence()));
        }
        if (next.timestampNanos() < place.timestampNanos()) {
            throw new DamagedRecordException(
                    "timestamp %d (expected: >= %d)".formatted(next.timestampNanos(), place.timestampNanos()));
        }
        if (next.kind() == RecordHeader.OUTPUT && next.offset() != place.offset(StdStream.ofNumber(next.stream()))) {
            throw new DamagedRecordException("offset %d (expected: %d)"
                    .formatted(next.offset(), place.offset(StdStream.ofNumber(next.stream()))));
        }
        if (at + RecordHeader.BYTES + next.payloadLength() > limit) {
            throw DamagedRecordException.cutShort(
                    "payload of %d bytes ends behind the end".formatted(next.payloadLength()));
        }
        header = next;
        payloadAt = at + RecordHeader.BYTES;
        return next;
    }

    /**
     * The header of the next record, and goes behind it.
     *
     * @throws DamagedRecordException as {@link #peek}
     */
    RecordHeader next(long limit) throws IOException {
        var next = peek(limit);
        if (next.isOpen()) {
            throw new DamagedRecordException("a record that was never sealed");
        }
        var end = payloadAt + next.payloadLength();
        place = next.kind() == RecordHeader.GAP
                ? afterGap((TimelineRecord.Gap) Payload.decode(next, payload()), end)
                : place.after(next, end);
        return next;
    }

    private Place afterGap(TimelineRecord.Gap gap, long end) throws DamagedRecordException {
        if (gap.stdoutFrom() != place.stdoutOffset()
                || gap.stderrFrom() != place.stderrOffset()
                || gap.stdoutTo() < gap.stdoutFrom()
                || gap.stderrTo() < gap.stderrFrom()
                || Math.max(gap.stdoutTo(), gap.stderrTo()) > SegmentHeader.NUMBER_MAX) {
            throw new DamagedRecordException(
                    "%s (expected: from %d and %d on)".formatted(gap, place.stdoutOffset(), place.stderrOffset()));
        }
        return place.after(gap, end);
    }

    /**
     * The payload of the record that {@link #next} returned; not to be written to.
     *
     * @throws DamagedRecordException if it does not have the header's checksum
     */
    ByteBuffer payload() throws IOException {
        var current = header;
        if (current == null) {
            throw new IllegalStateException("no record yet");
        }
        var length = current.payloadLength();
        load(payloadAt, length);
        var index = (int) (payloadAt - windowAt);
        var payload = window.slice(index, length);
        if (Checksum.of(payload) != current.payloadCrc()) {
            throw new DamagedRecordException("payload with a wrong checksum");
        }
        return payload;
    }

    private void load(long at, int needed) throws IOException {
        if (at >= windowAt && at + needed <= windowAt + window.capacity()) {
            return;
        }
        var bytes = new byte[(int) Math.max(needed, Math.min(windowBytes, limit - at))];
        try (var buffer = NativeBuffer.borrow()) {
            buffer.read(descriptor.number(), at, bytes, 0, bytes.length);
        } catch (EOFException e) {
            throw new DamagedRecordException("file was cut: " + e.getMessage());
        }
        window = ByteBuffer.wrap(bytes);
        windowAt = at;
    }

    @Override
    public void close() {
        window = NOTHING;
        header = null;
        descriptor.release();
    }
}
