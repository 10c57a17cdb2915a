package io.tailrace.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Appends to a timeline, and decides what becomes of records when the disk is full: output waits or is counted as
 * dropped, and the rest goes into the room in reserve. Thread-safe: one lock around each append. Lock order: this one, then
 * a segment's. Readers are woken after it is released.
 */
final class TimelineWriter {
    /** Of a record that may use the room in reserve; others are made while there is room, or not at all. */
    private static final int RESERVED_PAYLOAD_BYTES_MAX = 8 << 10;

    private final Path directory;
    private final TimelineConfig config;
    private final Segments segments;
    private final FanOut fanOut;
    private final ReentrantLock writing = new ReentrantLock();

    @GuardedBy("writing") private final OpenSegment open;

    @GuardedBy("writing") private final Reserve reserve;

    @GuardedBy("writing") private final Drops drops;

    @GuardedBy("writing") private boolean isClosed;

    TimelineWriter(Path directory, TimelineConfig config, UUID bootId, Segments segments, FanOut fanOut)
            throws IOException {
        this.directory = directory;
        this.config = config;
        this.segments = segments;
        this.fanOut = fanOut;
        this.reserve = new Reserve(directory, config.reserveBytes());
        this.reserve.recover(fanOut.end().segment().header().bytes());
        this.drops = new Drops(directory);
        this.drops.recover(fanOut.end().place());
        // Last: nobody closes it if something else fails.
        this.open = new OpenSegment(directory, config, bootId, segments, fanOut);
    }

    /** The newest segment's checkpoint. */
    byte[] checkpoint() {
        writing.lock();
        try {
            return open.checkpoint();
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

    /** Appends a record as if it were output: never in the room that is in reserve. */
    TimelineRecord appendUnreserved(byte kind, ByteBuffer payload) throws IOException {
        writing.lock();
        try (var buffer = NativeBuffer.borrow()) {
            return open.write(kind, end -> payload, prepareOutput(buffer), buffer);
        } finally {
            writing.unlock();
            fanOut.wake();
        }
    }

    @GuardedBy("writing") private TimelineRecord appendNow(byte kind, Function<End, ByteBuffer> payload, NativeBuffer buffer)
            throws IOException {
        try {
            return open.write(kind, payload, tellDropped(prepare(buffer), buffer), buffer);
        } catch (TimelineFullException e) {
            var isShort = payload.apply(fanOut.end()).remaining() <= RESERVED_PAYLOAD_BYTES_MAX;
            if (!isShort || !beginReservedSegment(buffer)) {
                throw e;
            }
            return open.write(kind, payload, tellDropped(prepare(buffer), buffer), buffer);
        }
    }

    /** Appends output; the buffer's position goes behind what was recorded. @return the last sequence */
    long appendOutput(StdStream stream, ByteBuffer data) throws IOException {
        writing.lock();
        try (var buffer = NativeBuffer.borrow()) {
            while (data.hasRemaining()) {
                var end = prepareOutput(buffer);
                var chunk = data.slice(data.position(), Math.min(data.remaining(), Timeline.OUTPUT_BYTES_MAX));
                open.writeOutput(stream, chunk, end, buffer);
                data.position(data.position() + chunk.remaining());
            }
            return fanOut.end().lastSequence();
        } finally {
            writing.unlock();
            fanOut.wake();
        }
    }

    /** Appends output from a pipe. @return as {@link Timeline#appendFrom} */
    int appendFrom(StdStream stream, OutputPipe pipe) throws IOException {
        var source = pipe.lease();
        writing.lock();
        try (var buffer = NativeBuffer.borrow()) {
            var readiness = pipe.readiness(source.number(), buffer);
            if (readiness <= 0) {
                return readiness;
            }
            return open.move(stream, source.number(), prepareOutput(buffer), buffer);
        } finally {
            writing.unlock();
            source.release();
            fanOut.wake();
        }
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
            return segments.trim(fanOut.end(), config.nowNanos());
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
                open.tidy(buffer);
                if (config.fsync() != TimelineConfig.Fsync.NEVER) {
                    open.sync();
                }
            } finally {
                isClosed = true;
                drops.close();
                open.close();
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
        return open.prepare(buffer);
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
        open.tidy(buffer);
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
            open.write(RecordHeader.GAP, at -> gap, end, buffer);
        }
        drops.settle();
        return fanOut.end();
    }

    /** Begins a segment in the room that is in reserve. @return whether there was any */
    @GuardedBy("writing") private boolean beginReservedSegment(NativeBuffer buffer) throws IOException {
        open.sealMoved(buffer); // it comes first, or it would be in no segment's records
        var kept = config.checkpointNow();
        var room = reserve.take(SegmentHeader.bytes(kept.length));
        if (room == null) {
            return false;
        }
        try {
            open.beginIn(room, kept);
            return true;
        } catch (NoSuchFileException e) {
            return false; // somebody has deleted it
        } finally {
            reserve.settle();
        }
    }
}
