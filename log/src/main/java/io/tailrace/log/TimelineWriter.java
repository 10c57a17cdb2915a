package io.tailrace.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;
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
    private final Path directory;
    private final TimelineConfig config;
    private final UUID bootId;
    private final Segments segments;
    private final FanOut fanOut;
    private final ReentrantLock writing = new ReentrantLock();

    @GuardedBy("writing") private SegmentWriter writer;

    @GuardedBy("writing") private SegmentIndex index;

    @GuardedBy("writing") private byte[] checkpoint;

    @GuardedBy("writing") private boolean isClosed;

    TimelineWriter(Path directory, TimelineConfig config, UUID bootId, Segments segments, FanOut fanOut)
            throws IOException {
        this.directory = directory;
        this.config = config;
        this.bootId = bootId;
        this.segments = segments;
        this.fanOut = fanOut;
        var newest = fanOut.end().segment();
        this.writer = new SegmentWriter(newest);
        this.index = newest.index(config.segmentBytesMax());
        this.checkpoint = newest.header().checkpoint();
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
            var end = prepare(buffer);
            var bytes = payload.apply(end);
            var header = new RecordHeader(
                    kind, (byte) 0, false, bytes.remaining(), end.place().sequence(), now(end), 0, Checksum.of(bytes));
            var position = writer.write(end.place(), header, bytes, buffer);
            if (config.fsync() != TimelineConfig.Fsync.NEVER) {
                writer.syncOrCut();
            }
            record = Payload.decode(header, bytes.asReadOnlyBuffer());
            var next =
                    record instanceof TimelineRecord.Gap gap ? end.after(gap, position) : end.after(header, position);
            publish(next, fanOut.isWatched() ? record : null, bytes.remaining());
        } finally {
            writing.unlock();
        }
        fanOut.wake();
        return record;
    }

    /** Appends output; the buffer's position goes behind what was recorded. @return the last sequence */
    long appendOutput(StdStream stream, ByteBuffer data) throws IOException {
        writing.lock();
        try (var buffer = NativeBuffer.borrow()) {
            while (data.hasRemaining()) {
                var end = prepare(buffer);
                var chunk = data.slice(data.position(), Math.min(data.remaining(), Timeline.OUTPUT_BYTES_MAX));
                var header = RecordHeader.open(
                                stream,
                                end.place().sequence(),
                                now(end),
                                end.place().offset(stream))
                        .sealed(chunk.remaining(), Checksum.of(chunk));
                var position = writer.write(end.place(), header, chunk, buffer);
                data.position(data.position() + header.payloadLength());
                publishOutput(end.after(header, position), header, chunk);
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
            var end = prepare(buffer);
            var readiness = pipe.readiness(source.number(), buffer);
            if (readiness <= 0) {
                return readiness;
            }
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
        }
        fanOut.wake();
        return moved;
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
        writing.lock();
        try (var buffer = NativeBuffer.borrow()) {
            if (isClosed) {
                return;
            }
            isClosed = true;
            try {
                tidy(buffer);
                if (config.fsync() != TimelineConfig.Fsync.NEVER) {
                    writer.sync();
                }
            } finally {
                writer.close();
            }
        } finally {
            writing.unlock();
        }
        fanOut.close();
    }

    /** Makes everything ready for one more record. @return the end it will stand at */
    @GuardedBy("writing") private End prepare(NativeBuffer buffer) throws IOException {
        if (isClosed) {
            throw new TimelineClosedException(directory + " is closed");
        }
        tidy(buffer);
        var end = fanOut.end();
        var segment = end.segment();
        var isFull = end.place().position() - segment.begin().position() >= config.segmentBytesMax();
        // Only in a segment of this boot may recovery believe the length of a file.
        return isFull || !segment.header().bootId().equals(bootId) ? beginSegment(end) : end;
    }

    @GuardedBy("writing") private void tidy(NativeBuffer buffer) throws IOException {
        var end = fanOut.end();
        var sealed = writer.tidy(end.place(), buffer);
        if (sealed != null) {
            publishMoved(end, sealed, buffer);
            fanOut.wake();
        }
    }

    @GuardedBy("writing") private End beginSegment(End end) throws IOException {
        var kept = config.checkpointNow();
        var segment = Segment.create(directory, end.headerOfNext(bootId, kept));
        var next = new SegmentWriter(segment);
        if (config.fsync() != TimelineConfig.Fsync.NEVER) {
            writer.sync();
            next.sync();
            Linux.syncDirectory(directory);
        }
        writer.close();
        writer = next;
        checkpoint = kept;
        end.segment().storeIndex(index, end.place().position());
        end.segment().close(end.place().sequence(), end.place().position());
        index = SegmentIndex.EMPTY;
        var begin = End.beginOf(segment);
        fanOut.publish(begin);
        segments.add(segment); // after the end is in it, so that who finds it knows how far it goes
        try {
            segments.trim(begin, clockNanos());
        } catch (IOException e) {
            // What could not be deleted now is tried again with the next segment, and must not hold up output.
        }
        return begin;
    }

    @GuardedBy("writing") private void publishMoved(End end, RecordHeader header, NativeBuffer buffer) throws IOException {
        var position = RecordHeader.placeAfter(end.place().position()) + RecordHeader.BYTES + header.payloadLength();
        publishOutput(end.after(header, position), header, buffer.bytes.slice(0, header.payloadLength()));
    }

    @GuardedBy("writing") private void publishOutput(End next, RecordHeader header, ByteBuffer chunk) throws IOException {
        if (!fanOut.isWatched()) {
            publish(next, null, 0);
        } else {
            var copy = new byte[chunk.remaining()];
            chunk.get(chunk.position(), copy);
            publish(next, Payload.decode(header, ByteBuffer.wrap(copy)), copy.length);
        }
        if (config.fsync() == TimelineConfig.Fsync.ALWAYS) {
            writer.sync();
        }
    }

    @GuardedBy("writing") private void publish(End next, @Nullable TimelineRecord record, int bytes) {
        var known = index.plus(next.place(), config.segmentBytesMax());
        if (known != index) {
            index = known;
            next.segment().index(known);
        }
        if (record == null) {
            fanOut.publishUnwatched(next);
        } else {
            fanOut.publish(next, record, bytes);
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
