package io.tailrace.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds where the last lines of a timeline's output begin. Goes from its end back in blocks, from one place of a segment's
 * index to the next, and counts the newlines of each; the block that has the last one wanted is read twice. So it reads what
 * it finds and one block more, and holds one window, however many lines are wanted. Blocks without output that counts are
 * not read at all. For one thread.
 */
final class LastLines {
    private final Segments segments;
    private final long segmentBytesMax;
    private final Set<StdStream> streams;

    /** How many newlines are still to be found; negative until the last byte of all is known. */
    private long missing = -1;

    /** Where the first of the output that was looked at begins. */
    private OutputPlace earliest;

    private final End end;
    private final long endSequence;
    private final long lines;

    /** @param streams that count. @param lines at least 1. @param lastSequence of the last record that counts */
    LastLines(Segments segments, long segmentBytesMax, End end, Set<StdStream> streams, long lines, long lastSequence) {
        this.segments = segments;
        this.segmentBytesMax = segmentBytesMax;
        this.end = end;
        this.streams = streams;
        this.lines = lines;
        endSequence = Math.min(lastSequence, end.lastSequence()) + 1;
        earliest = new OutputPlace(endSequence, 0, 0, false);
    }

    OutputPlace find() throws IOException {
        var to = end.place();
        for (var segment = end.segment(); segment != null; segment = segments.before(segment)) {
            try {
                var found = find(segment, to);
                if (found != null) {
                    return found;
                }
            } catch (NoSuchFileException e) {
                if (!segment.isDeleted()) {
                    throw e;
                }
                return earliest; // It was trimmed meanwhile, and all before it.
            }
            var next = segment.begin();
            var before = segments.before(segment);
            to = before == null ? next : endOf(before, next);
        }
        return earliest;
    }

    /** The end of a closed segment, as the begin of the next one tells it. */
    private static Place endOf(Segment segment, Place next) {
        return new Place(
                segment.closedBytes(),
                next.sequence(),
                next.timestampNanos(),
                next.stdoutOffset(),
                next.stderrOffset());
    }

    private @Nullable OutputPlace find(Segment segment, Place segmentEnd) throws IOException {
        var places = segment.index(segmentBytesMax).places();
        var to = segmentEnd;
        for (int index = places.size(); index >= 0; index--) {
            var from = index == 0 ? segment.begin() : places.get(index - 1);
            if (from.sequence() >= Math.min(to.sequence(), endSequence)) {
                to = from.sequence() < to.sequence()
                        ? from
                        : to; // it may have been indexed after the end was looked at
                continue;
            }
            if (hasOutput(from, to)) {
                var found = find(segment, from, to);
                if (found != null) {
                    return found;
                }
            }
            to = from;
        }
        return null;
    }

    private boolean hasOutput(Place from, Place to) {
        return streams.stream().anyMatch(stream -> from.offset(stream) != to.offset(stream));
    }

    private @Nullable OutputPlace find(Segment segment, Place from, Place to) throws IOException {
        var block = new Block();
        scan(segment, from, to, block::count);
        if (block.first == null) {
            return null;
        }
        if (missing < 0) {
            missing = block.isLineOpen ? lines : lines + 1;
        }
        if (block.newlines < missing) {
            missing -= block.newlines;
            earliest = block.first;
            return null;
        }
        var search = new Search(block.newlines - missing);
        scan(segment, from, to, search::look);
        return search.found == null ? earliest.reached() : search.found;
    }

    /** Hands on the output that counts between two places, up to a damaged header. */
    private void scan(Segment segment, Place from, Place to, OutputVisitor visitor) throws IOException {
        try (var scanner = new SegmentScanner(segment, from, SegmentScanner.READING_WINDOW_BYTES)) {
            while (scanner.place().sequence() < Math.min(to.sequence(), endSequence)) {
                var header = scanner.next(to.position());
                if (header.kind() == RecordHeader.OUTPUT && streams.contains(StdStream.ofNumber(header.stream()))) {
                    visit(visitor, header, scanner);
                }
            }
        } catch (DamagedRecordException e) {
            // Readers meet a Gap there that ends with the segment.
        }
    }

    private static void visit(OutputVisitor visitor, RecordHeader header, SegmentScanner scanner) throws IOException {
        ByteBuffer payload;
        try {
            payload = scanner.payload();
        } catch (DamagedRecordException e) {
            return; // Readers meet a Gap in its place.
        }
        visitor.visit(header, payload);
    }

    /** Is given one Output record after the other. */
    @FunctionalInterface
    private interface OutputVisitor {
        void visit(RecordHeader header, ByteBuffer payload);
    }

    /** What the output of a block comes to. */
    private static final class Block {
        private long newlines;
        private boolean isLineOpen;
        private @Nullable OutputPlace first;

        void count(RecordHeader header, ByteBuffer payload) {
            if (first == null) {
                first = new OutputPlace(header.sequence(), header.offset(), 0, false);
            }
            for (int at = payload.position(); at < payload.limit(); at++) {
                newlines += payload.get(at) == '\n' ? 1 : 0;
            }
            isLineOpen = payload.get(payload.limit() - 1) != '\n';
        }
    }

    /** Finds what comes behind a newline of a block. */
    private static final class Search {
        private long before;
        private boolean isNext;
        private @Nullable OutputPlace found;

        /** @param before how many newlines come before the one */
        Search(long before) {
            this.before = before;
        }

        void look(RecordHeader header, ByteBuffer payload) {
            if (isNext) {
                isNext = false;
                found = new OutputPlace(header.sequence(), header.offset(), 0, true);
            }
            for (int at = payload.position(); found == null && at < payload.limit(); at++) {
                if (payload.get(at) == '\n' && before-- == 0) {
                    int skipped = at + 1 - payload.position();
                    isNext = at + 1 == payload.limit();
                    found = isNext
                            ? null
                            : new OutputPlace(header.sequence(), header.offset() + skipped, skipped, true);
                    return;
                }
            }
        }
    }
}
