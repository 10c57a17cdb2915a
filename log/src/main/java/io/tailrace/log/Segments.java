package io.tailrace.log;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a timeline, oldest to newest; there is always at least one. Thread-safe: the writer, under its lock,
 * adds at the end and removes at the begin while readers look.
 */
final class Segments {
    private final ConcurrentSkipListMap<Long, Segment> byBaseSequence = new ConcurrentSkipListMap<>();
    private final TimelineConfig config;

    Segments(TimelineConfig config) {
        this.config = config;
    }

    void add(Segment segment) {
        byBaseSequence.put(segment.baseSequence(), segment);
    }

    Segment first() {
        return byBaseSequence.firstEntry().getValue();
    }

    /** The segment that has a sequence, or will have it; null if that was trimmed. */
    @Nullable Segment floor(long sequence) {
        var entry = byBaseSequence.floorEntry(sequence);
        return entry == null ? null : entry.getValue();
    }

    /** The segment after one; null if that is the newest. */
    @Nullable Segment after(Segment segment) {
        var entry = byBaseSequence.higherEntry(segment.baseSequence());
        return entry == null ? null : entry.getValue();
    }

    /** The segment before one; null if that is the oldest. */
    @Nullable Segment before(Segment segment) {
        var entry = byBaseSequence.lowerEntry(segment.baseSequence());
        return entry == null ? null : entry.getValue();
    }

    /** Where the bytes of a segment end that may be read. */
    static long limit(Segment segment, End end) {
        return segment == end.segment() ? end.place().position() : segment.closedBytes();
    }

    long sizeBytes(End end) {
        var size = 0L;
        for (var segment : byBaseSequence.values()) {
            size += limit(segment, end);
        }
        return size;
    }

    /** The newest segment that begins where something that never decreases is at most a value; else the oldest. */
    Segment floor(ToLongFunction<Place> key, long value) {
        for (var segment : byBaseSequence.descendingMap().values()) {
            if (key.applyAsLong(segment.begin()) <= value) {
                return segment;
            }
        }
        return first();
    }

    /**
     * The place in a segment before the first record after which something that never decreases exceeds a value; the
     * segment's end if it has none; or the place of a damaged record on the way there.
     */
    Place find(Segment segment, ToLongFunction<Place> key, long value, End end) throws IOException {
        var endSequence = segment == end.segment() ? end.place().sequence() : segment.endSequence();
        var limit = limit(segment, end);
        var index = segment.index(config.segmentBytesMax());
        var place = index.floor(key, value, segment.begin());
        try (var scanner = new SegmentScanner(segment, place, SegmentScanner.SKIPPING_WINDOW_BYTES)) {
            while (place.sequence() < endSequence) {
                scanner.next(limit);
                if (key.applyAsLong(scanner.place()) > value) {
                    break;
                }
                place = scanner.place();
            }
        } catch (DamagedRecordException e) {
            return place;
        }
        return place;
    }

    /** The place that {@link #find} is to find, in whichever segment it is. */
    Place search(ToLongFunction<Place> key, long value, FanOut fanOut) throws IOException {
        while (true) {
            var segment = floor(key, value);
            var end = fanOut.end(); // not before: the end is never in an older segment than one that was found
            try {
                return find(segment, key, value, end);
            } catch (NoSuchFileException e) {
                if (!segment.isDeleted()) {
                    throw e;
                }
                // It was trimmed meanwhile: look again.
            }
        }
    }

    /** Where the last lines of output begin in the records up to one. @param lines at least 1 */
    OutputPlace lastLines(Set<StdStream> streams, long lines, long lastSequence, FanOut fanOut) throws IOException {
        return new LastLines(this, config.segmentBytesMax(), fanOut.end(), streams, lines, lastSequence).find();
    }

    /** Deletes the oldest segments while there are too many bytes or their records are too old. @return bytes freed */
    long trim(End end, long nowNanos) throws IOException {
        var size = sizeBytes(end);
        var freed = 0L;
        var oldestNanos = config.retainedAgeMax().isZero()
                ? Long.MIN_VALUE
                : nowNanos - config.retainedAgeMax().toNanos();
        for (var segment = first(); segment != end.segment(); segment = first()) {
            var next = after(segment);
            var isOld = next != null && next.begin().timestampNanos() < oldestNanos;
            if (size - freed <= config.retainedBytesMax() && !isOld) {
                break;
            }
            segment.delete();
            byBaseSequence.remove(segment.baseSequence());
            freed += segment.closedBytes();
        }
        return freed;
    }
}
