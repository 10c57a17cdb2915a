package io.tailrace.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One file of a timeline: a {@link SegmentHeader}, then records in the order of their sequences. The newest segment is
 * open, the others are closed and never change.
 *
 * <p>Thread-safe. The file is opened when the first user leases it and closed when the last one lets go; a file that is
 * deleted stays readable for those who hold a lease. The lock of this object is the innermost: nothing is locked and
 * nobody called while it is held.
 */
final class Segment {
    private static final int NAME_DIGITS = 20;
    private static final String SUFFIX = ".segment";
    private static final String ASIDE_SUFFIX = ".aside";
    private static final String UNFINISHED_SUFFIX = ".segment.new";
    private static final Pattern FILE_NAME = Pattern.compile("[0-9]{20}\\.segment");
    private static final Pattern OUR_NAME =
            Pattern.compile("[0-9]{20}\\.(segment(\\.aside)?|index)|reserve(\\.probe)?|dropped");

    private final Path file;
    private final Place begin;
    /** Without its checkpoint once the segment is closed: only the newest one's is ever asked for. */
    private volatile SegmentHeader header;

    /** The sequence after its last record; MAX_VALUE while it is open. */
    private volatile long endSequence = Long.MAX_VALUE;
    /** Bytes of the file once it is closed. */
    private volatile long closedBytes;
    /** Null if it has to be read from the index file. */
    private volatile @Nullable SegmentIndex index = SegmentIndex.EMPTY;

    @GuardedBy("this") private @Nullable Descriptor descriptor;

    @GuardedBy("this") private boolean isDeleted;

    private Segment(Path file, SegmentHeader header) {
        this.file = file;
        this.header = header;
        this.begin = Place.beginOf(header);
    }

    /** The file of the segment that begins with a sequence. */
    static Path file(Path directory, long baseSequence) {
        return directory.resolve(fileName(baseSequence));
    }

    private static String fileName(long baseSequence) {
        return "%020d%s".formatted(baseSequence, SUFFIX);
    }

    /** Whether a segment can be called so: twenty digits can say more than any sequence. */
    static boolean isFileName(String name) {
        return FILE_NAME.matcher(name).matches() && name.compareTo(fileName(SegmentHeader.NUMBER_MAX)) <= 0;
    }

    /** Whether this is a segment that recovery has put aside. */
    static boolean isAsideName(String name) {
        return name.endsWith(ASIDE_SUFFIX) && isFileName(name.substring(0, name.length() - ASIDE_SUFFIX.length()));
    }

    /** Whether this is a segment whose making was interrupted. */
    static boolean isUnfinishedName(String name) {
        return name.endsWith(UNFINISHED_SUFFIX);
    }

    static boolean isOurName(String name) {
        return OUR_NAME.matcher(name).matches();
    }

    /** The base sequence that a file's name says. */
    static long baseSequence(Path file) {
        return Long.parseLong(file.getFileName().toString().substring(0, NAME_DIGITS));
    }

    /** Where a file is put that cannot be read. */
    static Path asideOf(Path file) {
        return file.resolveSibling(file.getFileName() + ASIDE_SUFFIX);
    }

    /** Makes a segment without records. The file appears under its name when its header is complete. */
    static Segment create(Path directory, SegmentHeader header) throws IOException {
        return create(directory, header, null);
    }

    /** As {@link #create(Path, SegmentHeader)}. @param room an empty file with blocks that becomes the segment; or null */
    static Segment create(Path directory, SegmentHeader header, @Nullable Path room) throws IOException {
        var file = file(directory, header.sequence());
        var unfinished = directory.resolve("%020d%s".formatted(header.sequence(), UNFINISHED_SUFFIX));
        // The room is where it was if it cannot be opened.
        var number = room == null
                ? LinuxFiles.open(unfinished, LinuxFiles.O_RDWR | LinuxFiles.O_CREAT | LinuxFiles.O_TRUNC)
                : LinuxFiles.open(room, LinuxFiles.O_RDWR);
        try (var buffer = NativeBuffer.borrow()) {
            if (room != null) {
                LinuxFiles.rename(room, unfinished);
            }
            var bytes = header.encode();
            for (int at = 0; at < bytes.length; at += NativeBuffer.BYTES) {
                var length = Math.min(NativeBuffer.BYTES, bytes.length - at);
                buffer.bytes.put(0, bytes, at, length);
                buffer.write(number, at, 0, length);
            }
            LinuxFiles.rename(unfinished, file);
        } catch (IOException e) {
            deleteQuietly(unfinished); // if it stays, recovery ignores it
            throw e;
        } finally {
            LinuxFiles.close(number);
        }
        return new Segment(file, header);
    }

    /**
     * Reads the header of a segment's file; the segment counts as open until {@link #close}.
     *
     * @throws DamagedRecordException if it has no valid header, or not that of its name
     */
    static Segment load(Path file) throws IOException {
        var number = LinuxFiles.open(file, LinuxFiles.O_RDWR);
        try (var buffer = NativeBuffer.borrow()) {
            var size = LinuxFiles.size(number);
            if (size < SegmentHeader.FIXED_BYTES) {
                throw new DamagedRecordException("segment header cut at %d bytes".formatted(size));
            }
            var fixed = ByteBuffer.allocate(SegmentHeader.FIXED_BYTES);
            buffer.read(number, 0, fixed.array(), 0, SegmentHeader.FIXED_BYTES);
            var length = SegmentHeader.length(fixed);
            if (size < length) {
                throw new DamagedRecordException("segment header cut at %d bytes".formatted(size));
            }
            var bytes = ByteBuffer.allocate(length);
            buffer.read(number, 0, bytes.array(), 0, length);
            var header = SegmentHeader.decode(bytes);
            if (!file.getFileName().equals(file(Path.of(""), header.sequence()).getFileName())) {
                throw new DamagedRecordException("segment of sequence %d".formatted(header.sequence()));
            }
            var segment = new Segment(file, header);
            segment.closedBytes = size;
            return segment;
        } finally {
            LinuxFiles.close(number);
        }
    }

    Path file() {
        return file;
    }

    SegmentHeader header() {
        return header;
    }

    long baseSequence() {
        return begin.sequence();
    }

    Place begin() {
        return begin;
    }

    /** The sequence after its last record; {@code Long.MAX_VALUE} while it is open. */
    long endSequence() {
        return endSequence;
    }

    /** Bytes of a closed segment; of one that was just loaded, what the file has. */
    long closedBytes() {
        return closedBytes;
    }

    /** Ends it: its records are those before a sequence, and no index is kept in memory. */
    void close(long sequence, long bytes) {
        closedBytes = bytes;
        endSequence = sequence;
        index = null;
        header = header.withoutCheckpoint();
    }

    /** Sets what is known of an open segment's places. */
    void index(SegmentIndex places) {
        index = places;
    }

    /** The index of this segment, from memory, from its file, or newly made. */
    SegmentIndex index(long segmentBytesMax) throws IOException {
        var known = index;
        if (known != null) {
            return known;
        }
        var bytes = closedBytes;
        try {
            return SegmentIndex.read(indexFile(), baseSequence(), bytes);
        } catch (IOException e) {
            // It is derived, so why it cannot be read does not matter.
            var made = scanned(bytes, segmentBytesMax);
            storeIndex(made, bytes);
            return made;
        }
    }

    /** Keeps an index in its file. One that cannot be written, as when the disk is full, is made anew when needed. */
    void storeIndex(SegmentIndex places, long bytes) {
        try {
            places.write(indexFile(), baseSequence(), bytes);
        } catch (IOException e) {
            deleteQuietly(indexFile()); // one that does not fit its segment is not believed
        }
    }

    /** Keeps the file open until the lease is released. @throws NoSuchFileException if it was deleted */
    synchronized Descriptor lease() throws IOException {
        if (descriptor != null && descriptor.acquire()) {
            return descriptor;
        }
        if (isDeleted) {
            throw new NoSuchFileException(file.toString());
        }
        descriptor = new Descriptor(LinuxFiles.open(file, LinuxFiles.O_RDWR));
        return descriptor;
    }

    /** Whether its file is gone. */
    synchronized boolean isDeleted() {
        return isDeleted;
    }

    /** Deletes its files; who holds a lease reads on. */
    synchronized void delete() throws IOException {
        Disk.enter(Disk.Call.DELETE, indexFile());
        Files.deleteIfExists(indexFile());
        Disk.enter(Disk.Call.DELETE, file);
        Files.deleteIfExists(file);
        isDeleted = true;
    }

    private static void deleteQuietly(Path file) {
        try {
            Disk.enter(Disk.Call.DELETE, file);
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // It is of no use, and does no harm.
        }
    }

    private SegmentIndex scanned(long bytes, long segmentBytesMax) throws IOException {
        var made = SegmentIndex.EMPTY;
        try (var scanner = new SegmentScanner(this, begin(), SegmentScanner.SKIPPING_WINDOW_BYTES)) {
            while (scanner.place().sequence() < endSequence) {
                scanner.next(bytes);
                made = made.plus(scanner.place(), segmentBytesMax);
            }
        } catch (DamagedRecordException e) {
            // A reader that comes there will say so.
        }
        return made;
    }

    private Path indexFile() {
        return file.resolveSibling(file.getFileName().toString().replace(SUFFIX, ".index"));
    }
}
