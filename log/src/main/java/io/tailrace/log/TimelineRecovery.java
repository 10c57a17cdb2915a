package io.tailrace.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.NavigableSet;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what a directory holds and makes it a timeline that can be written: scan, validate, truncate.
 *
 * <p>The newest segment with a valid header is read from begin to end; at the first byte that does not belong to a
 * valid record it is cut. The one exception is a record at its end that is still OPEN. Its header was written before
 * any of its bytes, and they went from the pipe straight into the file, so the file's size says how many there are: the
 * record is sealed over them. That holds as long as the machine has not been started anew since, which the boot id in
 * the segment's header tells; after a power cut the size may be there and the bytes not, and the record is cut off.
 *
 * <p>Older segments are believed by their headers; a reader that finds one damaged gets a Gap. Needs one window of
 * memory. Used by one thread, which holds the directory's lock.
 */
final class TimelineRecovery {
    private final Path directory;
    private final TimelineConfig config;
    private final UUID bootId;
    private final Segments segments;
    private final StringJoiner detail = new StringJoiner("; ");
    private long sealedBytes;
    private long droppedBytes;
    private long droppedBaseSequence;
    private boolean isDamaged;
    /** What earlier recoveries have put aside. */
    private final NavigableSet<Path> aside = new TreeSet<>();

    TimelineRecovery(Path directory, TimelineConfig config, UUID bootId, Segments segments) {
        this.directory = directory;
        this.config = config;
        this.bootId = bootId;
        this.segments = segments;
    }

    /** Recovers. @return the end of the newest segment; null if there is no segment */
    @Nullable End run() throws IOException {
        var found = load();
        for (var segment : found) {
            segments.add(segment);
        }
        for (var segment : found) {
            var next = segments.after(segment);
            if (next != null) {
                segment.close(next.baseSequence(), segment.closedBytes());
            }
        }
        noteAside(found);
        return found.isEmpty() ? null : scan(found.getLast());
    }

    /** Where an earlier server was killed before it could say that all records are gone, this one says it. */
    private void noteAside(Deque<Segment> found) {
        if (aside.isEmpty() || found.size() > 1 || isDamaged) {
            return;
        }
        var file = aside.getFirst();
        var base = Segment.baseSequence(file);
        if (found.isEmpty()) {
            droppedBaseSequence = base;
        } else if (found.getFirst().baseSequence() != base
                || found.getFirst().closedBytes() > found.getFirst().header().bytes()) {
            return;
        }
        isDamaged = true;
        note(file, "put aside before, and nothing recorded since");
    }

    /** The base sequence of the oldest segment that was dropped; 0 if none was. */
    long droppedBaseSequence() {
        return droppedBaseSequence;
    }

    Timeline.Recovery result() {
        return new Timeline.Recovery(sealedBytes, droppedBytes, isDamaged, detail.toString());
    }

    private Deque<Segment> load() throws IOException {
        var found = new ArrayDeque<Segment>();
        for (var file : segmentFiles().descendingSet()) {
            try {
                found.addFirst(Segment.load(file));
            } catch (DamagedRecordException e) {
                if (found.isEmpty()) {
                    drop(file, e.getMessage());
                } else {
                    note(file, e.getMessage() + ", ignored");
                }
            }
        }
        return found;
    }

    private NavigableSet<Path> segmentFiles() throws IOException {
        var files = new TreeSet<Path>();
        Disk.enter(Disk.Call.LIST, directory);
        try (var entries = Files.newDirectoryStream(directory)) {
            for (var entry : entries) {
                var name = String.valueOf(entry.getFileName());
                if (Segment.isFileName(name)) {
                    files.add(entry);
                } else if (Segment.isUnfinishedName(name)) {
                    Disk.enter(Disk.Call.DELETE, entry);
                    Files.delete(entry);
                } else if (Segment.isAsideName(name)) {
                    aside.add(entry);
                } else if (!Segment.isOurName(name)) {
                    note(entry, "not of a timeline, ignored");
                }
            }
        }
        return files;
    }

    /** Puts a newest segment without a valid header aside: what is left of it is of use to a person at most. */
    private void drop(Path file, @Nullable String reason) throws IOException {
        var size = Files.size(file);
        if (size <= SegmentHeader.FIXED_BYTES) {
            Disk.enter(Disk.Call.DELETE, file);
            Files.delete(file);
        } else {
            LinuxFiles.rename(file, Segment.asideOf(file));
        }
        droppedBytes += size;
        isDamaged = true;
        droppedBaseSequence = Segment.baseSequence(file);
        note(file, reason + ", put aside");
    }

    private End scan(Segment newest) throws IOException {
        var size = newest.closedBytes();
        var end = End.beginOf(newest);
        var index = SegmentIndex.EMPTY;
        try (var scanner = new SegmentScanner(newest, newest.begin(), SegmentScanner.READING_WINDOW_BYTES)) {
            while (end.place().position() < size) {
                var header = scanner.peek(size);
                if (header.isOpen()) {
                    end = seal(newest, end, header, size);
                    break;
                }
                scanner.next(size);
                var record = Payload.decode(header, scanner.payload());
                end = record instanceof TimelineRecord.Gap gap
                        ? end.after(gap, scanner.place().position())
                        : end.after(header, scanner.place().position());
                index = index.plus(end.place(), config.segmentBytesMax());
            }
        } catch (DamagedRecordException e) {
            isDamaged |= !e.isCutShort() || !newest.header().bootId().equals(bootId);
            cut(newest, end, size, e.getMessage());
        }
        newest.index(index);
        return end.place().equals(newest.begin()) ? ofThisBoot(newest) : end;
    }

    /** An empty segment of another boot would be followed by one of the same name, so it is written anew. */
    private End ofThisBoot(Segment empty) throws IOException {
        if (empty.header().bootId().equals(bootId)) {
            return End.beginOf(empty);
        }
        var segment = Segment.create(directory, empty.header().withBootId(bootId));
        if (config.fsync() != TimelineConfig.Fsync.NEVER) {
            LinuxFiles.syncDirectory(directory);
        }
        segments.add(segment);
        return End.beginOf(segment);
    }

    private End seal(Segment newest, End end, RecordHeader header, long size) throws IOException {
        var open = new OpenRecord(header, RecordHeader.placeAfter(end.place().position()));
        var length = size - open.payloadAt();
        if (length == 0) {
            truncate(newest, end.place().position());
            return end;
        }
        if (!newest.header().bootId().equals(bootId)) {
            throw new DamagedRecordException("output not sealed before the machine was restarted");
        }
        if (length > Timeline.OUTPUT_BYTES_MAX) {
            throw new DamagedRecordException(
                    "unsealed output of %d bytes (expected: at most %d)".formatted(length, Timeline.OUTPUT_BYTES_MAX));
        }
        var descriptor = newest.lease();
        try (var buffer = NativeBuffer.borrow()) {
            var sealed = open.seal(descriptor.number(), (int) length, buffer);
            sealedBytes += length;
            return end.after(sealed, size);
        } finally {
            descriptor.release();
        }
    }

    private void cut(Segment newest, End end, long size, @Nullable String reason) throws IOException {
        var dropped = size - end.place().position();
        truncate(newest, end.place().position());
        droppedBytes += dropped;
        note(
                newest.file(),
                "%d bytes cut off at %d: %s".formatted(dropped, end.place().position(), reason));
    }

    private static void truncate(Segment segment, long length) throws IOException {
        var descriptor = segment.lease();
        try {
            LinuxFiles.truncate(descriptor.number(), length);
        } finally {
            descriptor.release();
        }
    }

    private void note(Path file, String text) {
        detail.add(file.getFileName() + ": " + text);
    }
}
