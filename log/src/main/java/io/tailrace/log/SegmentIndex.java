package io.tailrace.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Some places of a segment, in order, so that a search need not begin at the segment's begin. Derived: a segment whose
 * index file is missing or damaged gets a new one. Immutable.
 *
 * <p>The file, big-endian: u64 magic, u64 base sequence, u64 size of the segment, u32 count, count times (u64 position,
 * u64 sequence, u64 timestamp, u64 stdout offset, u64 stderr offset), u32 CRC-32 of all before.
 */
final class SegmentIndex {
    static final SegmentIndex EMPTY = new SegmentIndex(List.of());

    /** Most places of one index; larger segments are indexed more sparsely. */
    static final int PLACES_MAX = 1024;

    private static final long SPACING_BYTES_MIN = 256 << 10;
    private static final long MAGIC = 0x7461696c696e6478L;
    private static final int FIXED_BYTES = 28;
    private static final int PLACE_BYTES = 40;

    private final List<Place> places;

    private SegmentIndex(List<Place> places) {
        this.places = places;
    }

    /** This index, with a place if it is far enough from the last one. */
    SegmentIndex plus(Place place, long segmentBytesMax) {
        var spacing = Math.max(SPACING_BYTES_MIN, segmentBytesMax / PLACES_MAX);
        var last = places.isEmpty() ? 0 : places.getLast().position();
        if (place.position() - last < spacing || places.size() == PLACES_MAX) {
            return this;
        }
        var more = new ArrayList<Place>(places.size() + 1);
        more.addAll(places);
        more.add(place);
        return new SegmentIndex(more);
    }

    /** The last place at which something that never decreases is at most a value; {@code begin} if there is none. */
    Place floor(ToLongFunction<Place> key, long value, Place begin) {
        int low = 0;
        int high = places.size();
        while (low < high) {
            var middle = (low + high) >>> 1;
            if (key.applyAsLong(places.get(middle)) <= value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 ? begin : places.get(low - 1);
    }

    /** All of them, in order. */
    List<Place> places() {
        return places;
    }

    /** Writes it to a file. */
    void write(Path file, long baseSequence, long segmentBytes) throws IOException {
        var to = ByteBuffer.allocate(FIXED_BYTES + places.size() * PLACE_BYTES + Integer.BYTES);
        to.putLong(MAGIC).putLong(baseSequence).putLong(segmentBytes).putInt(places.size());
        for (var place : places) {
            to.putLong(place.position()).putLong(place.sequence()).putLong(place.timestampNanos());
            to.putLong(place.stdoutOffset()).putLong(place.stderrOffset());
        }
        to.putInt(Checksum.of(to.array(), 0, to.position())).flip();
        var descriptor = LinuxFiles.open(file, LinuxFiles.O_RDWR | LinuxFiles.O_CREAT | LinuxFiles.O_TRUNC);
        try (var buffer = NativeBuffer.borrow()) {
            buffer.bytes.put(0, to.array(), 0, to.limit());
            buffer.write(descriptor, 0, 0, to.limit());
        } finally {
            LinuxFiles.close(descriptor);
        }
    }

    /**
     * Reads one from a file.
     *
     * @throws DamagedRecordException if it is not that of this segment as it is now
     */
    static SegmentIndex read(Path file, long baseSequence, long segmentBytes) throws IOException {
        var descriptor = LinuxFiles.open(file, LinuxFiles.O_RDONLY);
        ByteBuffer from;
        try (var buffer = NativeBuffer.borrow()) {
            var size = LinuxFiles.size(descriptor);
            if (size < FIXED_BYTES + Integer.BYTES || size > FIXED_BYTES + PLACES_MAX * PLACE_BYTES + Integer.BYTES) {
                throw new DamagedRecordException("index of %d bytes".formatted(size));
            }
            from = ByteBuffer.allocate((int) size);
            buffer.read(descriptor, 0, from.array(), 0, (int) size);
        } finally {
            LinuxFiles.close(descriptor);
        }
        var crcAt = from.capacity() - Integer.BYTES;
        if (from.getInt(crcAt) != Checksum.of(from.slice(0, crcAt))
                || from.getLong() != MAGIC
                || from.getLong() != baseSequence
                || from.getLong() != segmentBytes
                || from.getInt() * PLACE_BYTES != crcAt - FIXED_BYTES) {
            throw new DamagedRecordException("index that is not this segment's");
        }
        var places = new ArrayList<Place>();
        var last = new Place(0, baseSequence, 0, 0, 0);
        while (from.position() < crcAt) {
            var next = new Place(from.getLong(), from.getLong(), from.getLong(), from.getLong(), from.getLong());
            if (!next.isBehind(last) || next.position() > segmentBytes) {
                throw new DamagedRecordException("%s in an index, after %s".formatted(next, last));
            }
            places.add(next);
            last = next;
        }
        return new SegmentIndex(places);
    }
}
