package io.tailrace.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * The ordered, durable, byte-exact log of everything that happened to one container or one exec: a directory of
 * segments, docs/formats/timeline.md. Thread-safe. One writer process at a time: the directory is locked.
 *
 * <p>Appends are made one after another under one lock; readers take none and never delay an append. A record is seen by
 * readers, and survives a killed server, from the moment its append returns. Appends throw
 * {@link TimelineFullException} when the disk is full, and nothing of the record is kept then (what came from a pipe is
 * still in the pipe); {@link TimelineClosedException} after {@link #close}; {@link IllegalArgumentException} for
 * what exceeds the bounds below.
 */
public final class Timeline implements AutoCloseable {
    /** Most bytes of one Output record; also the frame size that doors send. */
    public static final int OUTPUT_BYTES_MAX = 64 << 10;
    /** Most bytes of a State's attributes, encoded. */
    public static final int ATTRIBUTES_BYTES_MAX = 1 << 20;
    /** Most bytes of a health probe's output that are kept (as Docker keeps). */
    public static final int HEALTH_OUTPUT_BYTES_MAX = 4 << 10;
    /** Most bytes of a message. */
    public static final int MESSAGE_BYTES_MAX = 1 << 20;
    /** Most bytes of a checkpoint. */
    public static final int CHECKPOINT_BYTES_MAX = 4 << 20;

    private final Descriptor lock;
    private final Segments segments;
    private final FanOut fanOut;
    private final TimelineWriter writer;
    private final Recovery recovery;
    private final AtomicBoolean isClosed = new AtomicBoolean();

    private Timeline(Path directory, TimelineConfig config, UUID bootId, Descriptor lock) throws IOException {
        this.lock = lock;
        this.segments = new Segments(config);
        var recovering = new TimelineRecovery(directory, config, bootId, segments);
        var end = recovering.run();
        if (end == null) {
            var sequence = Math.max(1, recovering.droppedBaseSequence());
            var first = Segment.create(directory, SegmentHeader.first(bootId, sequence, config));
            if (config.fsync() != TimelineConfig.Fsync.NEVER) {
                LinuxFiles.syncDirectory(directory);
            }
            segments.add(first);
            end = End.beginOf(first);
        }
        this.recovery = recovering.result();
        this.fanOut = new FanOut(end);
        this.writer = new TimelineWriter(directory, config, bootId, segments, fanOut);
        if (recovery.isDamaged()) {
            writer.noteDamage();
        }
    }

    /** Makes a new timeline in a directory that does not exist or is empty. */
    public static Timeline create(Path directory, TimelineConfig config) throws IOException {
        if (Files.isDirectory(directory)) {
            Disk.enter(Disk.Call.LIST, directory);
            try (var entries = Files.newDirectoryStream(directory)) {
                if (entries.iterator().hasNext()) {
                    throw new DirectoryNotEmptyException(directory.toString());
                }
            }
        }
        Disk.makeDirectories(directory, config.fsync() != TimelineConfig.Fsync.NEVER);
        return open(directory, config);
    }

    /**
     * Opens a timeline for writing and reading; recovers it first: scan, validate, truncate; output that a killed
     * server had taken from a pipe and not yet sealed is sealed.
     */
    public static Timeline open(Path directory, TimelineConfig config) throws IOException {
        return open(directory, config, Disk.bootId(directory));
    }

    /** Opens it as on a machine that was started with this boot id. */
    static Timeline open(Path directory, TimelineConfig config, UUID bootId) throws IOException {
        var lock = new Descriptor(LinuxFiles.open(directory, LinuxFiles.O_RDONLY));
        try {
            if (!LinuxFiles.tryLock(lock.number())) {
                throw new FileSystemException(directory.toString(), null, "is open in this or another process");
            }
            return new Timeline(directory, config, bootId, lock);
        } catch (IOException | RuntimeException | Error e) {
            lock.release();
            throw e;
        }
    }

    /** What recovery found, for logs and tests. */
    public Recovery recovery() {
        return recovery;
    }

    /** The checkpoint in the newest segment's header (the oldest state from which records must be folded). */
    public byte[] checkpoint() {
        return writer.checkpoint();
    }

    /** The sequence of the first record of the newest segment: fold records from here onto {@link #checkpoint}. */
    public long checkpointSequence() {
        return fanOut.end().segment().baseSequence();
    }

    /** Appends output; cut into records of at most OUTPUT_BYTES_MAX. Takes all remaining bytes. @return last sequence */
    public long appendOutput(StdStream stream, ByteBuffer data) throws IOException {
        return writer.appendOutput(stream, data);
    }

    /**
     * Moves at most OUTPUT_BYTES_MAX bytes from a pipe into one Output record, without a window in which a killed
     * server loses them.
     *
     * @return bytes moved; 0 if the pipe has none now but still has writers; -1 if it is empty and has no writer
     */
    public int appendFrom(StdStream stream, OutputPipe pipe) throws IOException {
        return writer.appendFrom(stream, pipe);
    }

    /**
     * Takes at most OUTPUT_BYTES_MAX bytes from a pipe and drops them. A Gap before the next record, or at the latest by
     * {@link #close}, says how many there were of each stream. If the server is killed before, the Gap is of reason
     * {@code dropped-at-least}: up to OUTPUT_BYTES_MAX bytes of a stream may be missing that it does not count.
     *
     * @return bytes dropped; otherwise as {@link #appendFrom}
     */
    public int dropFrom(StdStream stream, OutputPipe pipe) throws IOException {
        return writer.dropFrom(stream, pipe);
    }

    /** Says that bytes of a stream that would come next are not recorded; otherwise as {@link #dropFrom}. */
    public void drop(StdStream stream, long bytes) throws IOException {
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes: %d (expected: >= 0)".formatted(bytes));
        }
        writer.drop(stream, bytes);
    }

    /**
     * Sets room aside on the disk for the records beside Output that come when it is full; done before Output is
     * appended, too. From then on those of at most 8 KiB find room, {@code reserveBytes} in all.
     */
    public void reserve() throws IOException {
        writer.reserve();
    }

    /**
     * Records the Gap that is due, if one is, without waiting for the next record. Needs as much room as output does.
     *
     * @throws TimelineFullException if there is none; it stays due
     */
    public void tellDropped() throws IOException {
        writer.tellDropped();
    }

    /** Whether a Gap is to come before the next record, as one that an earlier server did not come to write. */
    public boolean isGapDue() {
        return writer.isGapDue();
    }

    /** Gives the room back that was set aside: nothing more is to come. */
    public void releaseReserve() throws IOException {
        writer.releaseReserve();
    }

    /** Appends a State record. @return the record */
    public TimelineRecord.State appendState(String state, Map<String, String> attributes) throws IOException {
        var payload = Payload.state(state, attributes);
        return (TimelineRecord.State) writer.append(RecordHeader.STATE, end -> payload);
    }

    /**
     * Appends a Health record. Needs as much room as output does: what is in reserve is for what ends a run, and probes go
     * on for as long as the disk is full. @return the record
     */
    public TimelineRecord.Health appendHealth(String status, int exitCode, long durationNanos, ByteBuffer output)
            throws IOException {
        var payload = Payload.health(status, exitCode, durationNanos, output);
        return (TimelineRecord.Health) writer.appendUnreserved(RecordHeader.HEALTH, payload);
    }

    /** Appends a Message record. @return its sequence */
    public long appendMessage(String topic, ByteBuffer data) throws IOException {
        var payload = Payload.message(topic, data);
        return writer.append(RecordHeader.MESSAGE, end -> payload).sequence();
    }

    /** Appends a Gap: this many bytes of a stream were lost; advances its offset. @return its sequence */
    public long appendGap(String reason, StdStream stream, long lostBytes) throws IOException {
        if (lostBytes < 0 || lostBytes > SegmentHeader.NUMBER_MAX - streamLength(stream)) {
            throw new IllegalArgumentException("lostBytes: %d (expected: 0 to %d)"
                    .formatted(lostBytes, SegmentHeader.NUMBER_MAX - streamLength(stream)));
        }
        return writer.append(RecordHeader.GAP, end -> {
                    var stdout = end.place().stdoutOffset();
                    var stderr = end.place().stderrOffset();
                    return stream == StdStream.STDOUT
                            ? Payload.gap(reason, stdout, stdout + lostBytes, stderr, stderr)
                            : Payload.gap(reason, stdout, stdout, stderr, stderr + lostBytes);
                })
                .sequence();
    }

    /** Appends an Exit; lengths and checksums are the timeline's own. */
    public TimelineRecord.Exit appendExit(ExitReason reason, int exitCode, int signal, String message)
            throws IOException {
        return (TimelineRecord.Exit) writer.append(
                RecordHeader.EXIT,
                end -> Payload.exit(
                        reason,
                        exitCode,
                        signal,
                        end.place().stdoutOffset(),
                        end.stdoutCrc(),
                        end.place().stderrOffset(),
                        end.stderrCrc(),
                        message));
    }

    /** Sequence of the oldest record still there; lastSequence()+1 if there is none. */
    public long firstSequence() {
        return segments.first().baseSequence();
    }

    /** Sequence of the newest record; 0 if there is none. */
    public long lastSequence() {
        return fanOut.end().lastSequence();
    }

    /** Bytes of a stream recorded so far. */
    public long streamLength(StdStream stream) {
        return fanOut.end().place().offset(stream);
    }

    /** Bytes on disk. */
    public long sizeBytes() {
        return segments.sizeBytes(fanOut.end());
    }

    /** A reader whose first record is the one with this sequence (a Gap if trimmed; waits if beyond the end). */
    public TimelineReader read(long fromSequence) throws IOException {
        return reader(fromSequence, false);
    }

    /** A reader that passes over Output, mostly without reading it from the disk; otherwise as {@link #read}. */
    public TimelineReader readWithoutOutput(long fromSequence) {
        return reader(fromSequence, true);
    }

    /**
     * Hands on all records there are now but Output, from a sequence on.
     *
     * @param consumer called by this thread, with no lock held
     */
    public void forEachNonOutput(long fromSequence, Consumer<TimelineRecord> consumer) throws IOException {
        try (var reader = readWithoutOutput(fromSequence)) {
            for (var record = reader.poll(); record != null; record = reader.poll()) {
                consumer.accept(record);
            }
        }
    }

    /**
     * The sequence from which a reader sees a stream from an offset on: that of the record holding the byte, of the
     * next output of the stream if it is at its end, or the first one if trimmed.
     */
    public long sequenceOfOffset(StdStream stream, long offset) throws IOException {
        if (offset < 0) {
            throw new IllegalArgumentException("offset: %d (expected: >= 0)".formatted(offset));
        }
        return segments.search(place -> place.offset(stream), offset, fanOut).sequence();
    }

    /** The sequence of the first record at or after a time; lastSequence()+1 if there is none. */
    public long sequenceAtTime(long timestampNanos) throws IOException {
        return segments.search(Place::timestampNanos, before(timestampNanos), fanOut)
                .sequence();
    }

    /** The offset of the first byte of a stream that was recorded at or after a time; its length if there is none. */
    public long offsetAtTime(StdStream stream, long timestampNanos) throws IOException {
        return segments.search(Place::timestampNanos, before(timestampNanos), fanOut)
                .offset(stream);
    }

    private static long before(long timestampNanos) {
        return timestampNanos == Long.MIN_VALUE ? timestampNanos : timestampNanos - 1;
    }

    /**
     * Where the last lines of output begin that are there now. The streams that count are taken together, as they were
     * recorded; a last line without its end is one. Reads little more than those lines, from the end back.
     *
     * @param lines at least 1, and less than 2^62
     */
    public OutputPlace lastLines(Set<StdStream> streams, long lines) throws IOException {
        return lastLines(streams, lines, Long.MAX_VALUE);
    }

    /** As {@link #lastLines(Set, long)}, of the records up to one. @param lastSequence its sequence */
    public OutputPlace lastLines(Set<StdStream> streams, long lines, long lastSequence) throws IOException {
        if (lines < 1 || lines > SegmentHeader.NUMBER_MAX) {
            throw new IllegalArgumentException(
                    "lines: %d (expected: 1 to %d)".formatted(lines, SegmentHeader.NUMBER_MAX));
        }
        return segments.lastLines(streams, lines, lastSequence, fanOut);
    }

    /** When output was recorded last, in ns since 1970; the time of the record before the first one if none was. */
    public long lastOutputNanos() throws IOException {
        var end = fanOut.end().place();
        var length = end.stdoutOffset() + end.stderrOffset();
        var sequence = segments.search(place -> place.stdoutOffset() + place.stderrOffset(), length - 1, fanOut)
                .sequence();
        return segments.search(Place::sequence, sequence + 1, fanOut).timestampNanos();
    }

    /** Deletes what retention allows now; readers in the middle of it are not cut off. @return bytes freed */
    public long trim() throws IOException {
        return writer.trim();
    }

    /** Ends writing and wakes waiting readers, which then see the end. */
    @Override
    public void close() throws IOException {
        try {
            writer.close();
        } finally {
            if (isClosed.compareAndSet(false, true)) {
                lock.release();
            }
        }
    }

    private TimelineReader reader(long fromSequence, boolean skipsOutput) {
        if (fromSequence < 1) {
            throw new IllegalArgumentException("fromSequence: %d (expected: >= 1)".formatted(fromSequence));
        }
        return new TimelineReader(segments, fanOut, fromSequence, skipsOutput);
    }

    /**
     * What recovery found.
     *
     * @param sealedBytes output bytes that a killed server had not yet sealed and that were kept
     * @param droppedBytes bytes of the tail that were not valid and were cut off
     * @param isDamaged whether they may be of records that readers have seen: anything but an append that a killed server
     *     had not finished
     * @param detail for people: file and reason; empty if all was well
     */
    public record Recovery(long sealedBytes, long droppedBytes, boolean isDamaged, String detail) {
        /** Without damage. */
        public Recovery(long sealedBytes, long droppedBytes, String detail) {
            this(sealedBytes, droppedBytes, false, detail);
        }
    }
}
