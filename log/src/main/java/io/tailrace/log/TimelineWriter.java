package io.tailrace.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Appends to a timeline. Thread-safe: one lock around each append. Lock order: this one, then a segment's. Readers are
 * woken after it is released.
 *
 * <p>A record counts when the end is published behind it, and never before its last byte is in the file. If that fails
 * midway the file is cut back before the next append.
 *
 * <p><b>No window for output.</b> Bytes that are in the memory of a server are lost with it, so they never come there
 * before they are in the file. For output from a pipe the writer writes an OPEN header, splices the bytes behind it
 * (in the kernel, a byte is either still in the pipe or in the file), reads them back for their checksum, and writes
 * the sealed header over the open one. See {@link TimelineRecovery} for what happens when it is killed in between.
 */
final class TimelineWriter {
    /** Of a record that may use the room in reserve; others are made while there is room, or not at all. */
    private static final int RESERVED_PAYLOAD_BYTES_MAX = 8 << 10;

    private final Path directory;
    private final TimelineConfig config;
    private final UUID bootId;
    private final Segments segments;
    private final FanOut fanOut;
    private final ReentrantLock writing = new ReentrantLock();

    @GuardedBy("writing") private SegmentWriter writer;

    @GuardedBy("writing") private SegmentIndex index;

    @GuardedBy("writing") private byte[] checkpoint;

    /** The next segment, if it is there and something failed after that: nothing more may go into the one before. */
    @GuardedBy("writing") private @Nullable Segment begun;

    @GuardedBy("writing") private final Reserve reserve;

    @GuardedBy("writing") private final Drops drops;

    @GuardedBy("writing") private boolean isClosed;

    TimelineWriter(Path directory, TimelineConfig config, UUID bootId, Segments segments, FanOut fanOut)
            throws IOException {
        this.directory = directory;
        this.config = config;
        this.bootId = bootId;
        this.segments = segments;
        this.fanOut = fanOut;
        var newest = fanOut.end().segment();
        this.index = newest.index(config.segmentBytesMax());
        this.checkpoint = newest.header().checkpoint();
        this.reserve = new Reserve(directory, config.reserveBytes());
        this.reserve.recover(newest.header().bytes());
        this.drops = new Drops(directory);
        this.drops.recover(fanOut.end().place());
        if (newest.begin().equals(fanOut.end().place()) && config.fsync() != TimelineConfig.Fsync.NEVER) {
            completeBegin(directory, segments.before(newest));
        }
        this.writer = opened(newest, config); // last: nobody closes it if something else fails
    }

    /** A server may have been killed while it began the newest segment, before it made safe what that stands on. */
    private static void completeBegin(Path directory, @Nullable Segment before) throws IOException {
        if (before != null) {
            try (var last = new SegmentWriter(before)) {
                last.sync();
            }
        }
        LinuxFiles.syncDirectory(directory);
    }

    /** What a killed server left is shown to readers from now on, and so must be as safe as what they are shown later. */
    private static SegmentWriter opened(Segment newest, TimelineConfig config) throws IOException {
        var opened = new SegmentWriter(newest);
        try {
            if (config.fsync() != TimelineConfig.Fsync.NEVER) {
                opened.sync();
            }
            return opened;
        } catch (IOException | RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    /** The newest segment's checkpoint. */
    byte[] checkpoint() {
        writing.lock();
        try {
            return checkpoint.clone();
        } finally {
            writing.unlock();
        }
    }

    /** Appends a record that is not Output. @param payload of it, given the end that it will stand at */
    TimelineRecord append(byte kind, Function<End, ByteBuffer> payload) throws IOException {
        TimelineRecord record;
        writing.lock();
        try (var buffer = NativeBuffer.borrow()) {
            record = appendNow(kind, payload, buffer);
        } finally {
            writing.unlock();
            fanOut.wake();
        }
        return record;
    }

    @GuardedBy("writing") private TimelineRecord appendNow(byte kind, Function<End, ByteBuffer> payload, NativeBuffer buffer)
            throws IOException {
        try {
            return write(kind, payload, tellDropped(prepare(buffer), buffer), buffer);
        } catch (TimelineFullException e) {
            var isShort = payload.apply(fanOut.end()).remaining() <= RESERVED_PAYLOAD_BYTES_MAX;
            if (!isShort || !beginReservedSegment(buffer)) {
                throw e;
            }
            return write(kind, payload, tellDropped(prepare(buffer), buffer), buffer);
        }
    }

    @GuardedBy("writing") private TimelineRecord write(byte kind, Function<End, ByteBuffer> payload, End end, NativeBuffer buffer)
            throws IOException {
        var bytes = payload.apply(end);
        var header = new RecordHeader(
                kind, (byte) 0, false, bytes.remaining(), end.place().sequence(), now(end), 0, Checksum.of(bytes));
        var position = writer.write(end.place(), header, bytes, buffer);
        if (config.fsync() != TimelineConfig.Fsync.NEVER) {
            writer.syncOrCut(end.place());
        }
        var record = Payload.decode(header, bytes.asReadOnlyBuffer());
        var next = record instanceof TimelineRecord.Gap gap ? end.after(gap, position) : end.after(header, position);
        publish(next, fanOut.isWatched() ? record : null, bytes.remaining());
        return record;
    }

    /** Appends output; the buffer's position goes behind what was recorded. @return the last sequence */
    long appendOutput(StdStream stream, ByteBuffer data) throws IOException {
        writing.lock();
        try (var buffer = NativeBuffer.borrow()) {
            while (data.hasRemaining()) {
                var end = prepareOutput(buffer);
                var chunk = data.slice(data.position(), Math.min(data.remaining(), Timeline.OUTPUT_BYTES_MAX));
                var header = RecordHeader.open(
                                stream,
                                end.place().sequence(),
                                now(end),
                                end.place().offset(stream))
                        .sealed(chunk.remaining(), Checksum.of(chunk));
                var position = writer.write(end.place(), header, chunk, buffer);
                if (config.fsync() == TimelineConfig.Fsync.ALWAYS) {
                    writer.syncOrCut(end.place());
                }
                publishOutput(end.after(header, position), header, chunk);
                data.position(data.position() + header.payloadLength());
            }
            return fanOut.end().lastSequence();
        } finally {
            writing.unlock();
            fanOut.wake();
        }
    }

    /** Appends output from a pipe. @return as {@link Timeline#appendFrom} */
    int appendFrom(StdStream stream, OutputPipe pipe) throws IOException {
        int moved;
        var source = pipe.lease();
        writing.lock();
        try (var buffer = NativeBuffer.borrow()) {
            var readiness = pipe.readiness(source.number(), buffer);
            if (readiness <= 0) {
                return readiness;
            }
            var end = prepareOutput(buffer);
            var open = RecordHeader.open(
                    stream, end.place().sequence(), now(end), end.place().offset(stream));
            var sealed = writer.move(end.place(), open, source.number(), buffer);
            if (sealed == null) {
                return 0; // somebody else took them
            }
            publishMoved(end, sealed, buffer);
            moved = sealed.payloadLength();
        } finally {
            writing.unlock();
            source.release();
            fanOut.wake();
        }
        return moved;
    }

    /** Takes bytes from a pipe and drops them. @return as {@link Timeline#dropFrom} */
    int dropFrom(StdStream stream, OutputPipe pipe) throws IOException {
        var source = pipe.lease();
        writing.lock();
        try (var buffer = NativeBuffer.borrow()) {
            var readiness = pipe.readiness(source.number(), buffer);
            if (readiness <= 0) {
                return readiness;
            }
            beginDrops(buffer);
            var count = LinuxPipes.read(buffer.state, source.number(), buffer.memory, Timeline.OUTPUT_BYTES_MAX);
            if (count == -Linux.EAGAIN) {
                return 0;
            }
            if (count < 0) {
                throw Linux.failure("read", count);
            }
            drops.add(stream, count, buffer);
            return (int) count;
        } finally {
            writing.unlock();
            source.release();
        }
    }

    /** Counts bytes that are not recorded. */
    void drop(StdStream stream, long bytes) throws IOException {
        writing.lock();
        try (var buffer = NativeBuffer.borrow()) {
            beginDrops(buffer);
            drops.add(stream, bytes, buffer);
        } finally {
            writing.unlock();
        }
    }

    /** Recovery has cut off what readers may have seen: a Gap comes before the next record. */
    void noteDamage() {
        writing.lock();
        try (var buffer = NativeBuffer.borrow()) {
            drops.noteDamage(fanOut.end().place().sequence(), buffer);
        } finally {
            writing.unlock();
        }
    }

    /** Records the Gap that is due, if there is room for output. */
    void tellDropped() throws IOException {
        writing.lock();
        try (var buffer = NativeBuffer.borrow()) {
            if (drops.isDue()) {
                prepareOutput(buffer);
            }
        } finally {
            writing.unlock();
            fanOut.wake();
        }
    }

    /** Whether a Gap comes before the next record. */
    boolean isGapDue() {
        writing.lock();
        try {
            return drops.isDue();
        } finally {
            writing.unlock();
        }
    }

    /** Sets room aside, as much as the records may need that come when the disk is full. */
    void reserve() throws IOException {
        writing.lock();
        try {
            holdReserve();
        } finally {
            writing.unlock();
        }
    }

    /** Gives back what {@link #reserve} has set aside; once closed, the files are those of the next one that opens it. */
    void releaseReserve() throws IOException {
        writing.lock();
        try {
            if (!isClosed) {
                reserve.release();
                drops.release();
            }
        } finally {
            writing.unlock();
        }
    }

    /** Deletes what retention allows. @return bytes freed */
    long trim() throws IOException {
        writing.lock();
        try {
            return segments.trim(fanOut.end(), clockNanos());
        } finally {
            writing.unlock();
        }
    }

    /** Ends writing; does nothing if that was done before. */
    void close() throws IOException {
        try {
            closeFile();
        } finally {
            fanOut.close();
        }
    }

    private void closeFile() throws IOException {
        writing.lock();
        try (var buffer = NativeBuffer.borrow()) {
            if (isClosed) {
                return;
            }
            try {
                settleDrops(buffer);
                tidy(buffer);
                if (config.fsync() != TimelineConfig.Fsync.NEVER) {
                    writer.sync();
                }
            } finally {
                isClosed = true;
                drops.close();
                writer.close();
            }
        } finally {
            writing.unlock();
        }
    }

    @GuardedBy("writing") private void requireOpen() throws TimelineClosedException {
        if (isClosed) {
            throw new TimelineClosedException(directory + " is closed");
        }
    }

    /** Makes everything ready for one more record. @return the end it will stand at */
    @GuardedBy("writing") private End prepare(NativeBuffer buffer) throws IOException {
        requireOpen();
        tidy(buffer);
        var end = fanOut.end();
        if (begun != null) {
            return goOnIn(begun, end);
        }
        var segment = end.segment();
        var isFull = end.place().position() - segment.begin().position() >= config.segmentBytesMax();
        // Only in a segment of this boot may recovery believe the length of a file.
        return isFull || !segment.header().bootId().equals(bootId)
                ? beginSegment(end, config.checkpointNow(), null)
                : end;
    }

    /** As {@link #prepare}, for output: it is appended only while there is room in reserve to say what became of it. */
    @GuardedBy("writing") private End prepareOutput(NativeBuffer buffer) throws IOException {
        requireOpen();
        if (!reserve.isHeld()) {
            holdReserve();
        }
        if (drops.isDue()) {
            // Not for every page that comes free a Gap of its own.
            reserve.requireRoom(Drops.ROOM_BYTES);
        }
        return tellDropped(prepare(buffer), buffer);
    }

    @GuardedBy("writing") private void holdReserve() throws IOException {
        requireOpen();
        if (config.reserveBytes() == 0) {
            return;
        }
        drops.makeRoom();
        reserve.hold(SegmentHeader.bytes(config.checkpointNow().length));
    }

    @GuardedBy("writing") private void beginDrops(NativeBuffer buffer) throws IOException {
        requireOpen();
        tidy(buffer);
        drops.begin(fanOut.end().place().sequence(), buffer);
    }

    /** Records the Gap that is due, if there is room; otherwise the next server finds the count and makes it a Gap. */
    @GuardedBy("writing") private void settleDrops(NativeBuffer buffer) {
        if (!drops.isDue()) {
            return;
        }
        try {
            try {
                tellDropped(prepare(buffer), buffer);
            } catch (TimelineFullException e) {
                if (beginReservedSegment(buffer)) {
                    tellDropped(prepare(buffer), buffer);
                }
            }
        } catch (IOException | RuntimeException e) {
            // As if it had been killed. A checkpoint that is too long is not a reason to leave files open either.
        }
    }

    /** Records the Gap that is due. @return the end behind it */
    @GuardedBy("writing") private End tellDropped(End end, NativeBuffer buffer) throws IOException {
        if (!drops.isDue()) {
            return end;
        }
        if (!drops.isNothing()) {
            var gap = drops.gap(end.place());
            write(RecordHeader.GAP, at -> gap, end, buffer);
        }
        drops.settle();
        return fanOut.end();
    }

    @GuardedBy("writing") private void tidy(NativeBuffer buffer) throws IOException {
        var end = fanOut.end();
        var sealed = writer.tidy(end.place(), buffer);
        if (sealed != null) {
            try {
                publishMoved(end, sealed, buffer);
            } finally {
                fanOut.wake();
            }
        }
    }

    /** Begins a segment in the room that is in reserve. @return whether there was any */
    @GuardedBy("writing") private boolean beginReservedSegment(NativeBuffer buffer) throws IOException {
        if (writer.hasMoved()) {
            tidy(buffer); // what has left its pipe comes first, or it would be in no segment's records
        }
        var kept = config.checkpointNow();
        var room = reserve.take(SegmentHeader.bytes(kept.length));
        if (room == null) {
            return false;
        }
        try {
            beginSegment(fanOut.end(), kept, room); // in place of the newest one if that has no records yet
            return true;
        } catch (NoSuchFileException e) {
            return false; // somebody has deleted it
        } finally {
            reserve.settle();
        }
    }

    @GuardedBy("writing") private End beginSegment(End end, byte[] kept, @Nullable Path room) throws IOException {
        begun = Segment.create(directory, end.headerOfNext(bootId, kept), room);
        return goOnIn(begun, end);
    }

    /** Goes on in a segment that is there. If that fails it is to be done again, before anything else is written. */
    @GuardedBy("writing") private End goOnIn(Segment segment, End end) throws IOException {
        var next = new SegmentWriter(segment);
        try {
            if (config.fsync() != TimelineConfig.Fsync.NEVER) {
                writer.sync();
                next.sync();
                LinuxFiles.syncDirectory(directory);
            }
        } catch (IOException | RuntimeException | Error e) {
            next.close();
            throw e;
        }
        var begin = End.beginOf(segment);
        writer.close();
        writer = next;
        begun = null;
        checkpoint = segment.header().checkpoint();
        end.segment().storeIndex(index, end.place().position());
        end.segment().close(end.place().sequence(), end.place().position());
        index = SegmentIndex.EMPTY;
        fanOut.publish(begin);
        segments.add(segment); // after the end is in it, so that who finds it knows how far it goes
        try {
            segments.trim(begin, clockNanos());
        } catch (IOException e) {
            // What could not be deleted now is tried again with the next segment, and must not hold up output.
        }
        return begin;
    }

    /** Publishes what has left its pipe, and so counts even if the disk does not write it back. */
    @GuardedBy("writing") private void publishMoved(End end, RecordHeader header, NativeBuffer buffer) throws IOException {
        var position = RecordHeader.placeAfter(end.place().position()) + RecordHeader.BYTES + header.payloadLength();
        try {
            if (config.fsync() == TimelineConfig.Fsync.ALWAYS) {
                writer.sync();
            }
        } finally {
            publishOutput(end.after(header, position), header, buffer.bytes.slice(0, header.payloadLength()));
        }
    }

    @GuardedBy("writing") private void publishOutput(End next, RecordHeader header, ByteBuffer chunk) throws IOException {
        if (!fanOut.isWatched()) {
            publish(next, null, 0);
        } else {
            var copy = new byte[chunk.remaining()];
            chunk.get(chunk.position(), copy);
            publish(next, Payload.decode(header, ByteBuffer.wrap(copy)), copy.length);
        }
    }

    @GuardedBy("writing") private void publish(End next, @Nullable TimelineRecord record, int bytes) {
        var known = index.plus(next.place(), config.segmentBytesMax());
        if (record == null) {
            fanOut.publishUnwatched(next);
        } else {
            fanOut.publish(next, record, bytes);
        }
        writer.published();
        if (known != index) {
            index = known;
            next.segment().index(known);
        }
    }

    private long now(End end) {
        return Math.max(end.place().timestampNanos(), clockNanos());
    }

    private long clockNanos() {
        var now = config.clock().instant();
        return Math.addExact(Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
    }
}
