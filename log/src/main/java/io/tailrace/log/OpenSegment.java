package io.tailrace.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The newest segment of a timeline, which takes its records, and after it the next one. What is written is published to
 * readers here. For use under the writer's lock only.
 *
 * <p>A record counts when the end is published behind it, and never before its last byte is in the file. If that fails
 * midway the file is cut back before the next append.
 *
 * <p><b>No window for output.</b> Bytes that are in the memory of a server are lost with it, so they never come there
 * before they are in the file. For output from a pipe the writer writes an OPEN header, splices the bytes behind it
 * (in the kernel, a byte is either still in the pipe or in the file), reads them back for their checksum, and writes
 * the sealed header over the open one. See {@link TimelineRecovery} for what happens when it is killed in between.
 */
final class OpenSegment {
    private final Path directory;
    private final TimelineConfig config;
    private final UUID bootId;
    private final Segments segments;
    private final FanOut fanOut;
    private SegmentWriter writer;
    private SegmentIndex index;
    private byte[] checkpoint;

    /** The next segment, if it is there and something failed after that: nothing more may go into the one before. */
    private @Nullable Segment begun;

    /** Opens the newest segment, at the end. */
    OpenSegment(Path directory, TimelineConfig config, UUID bootId, Segments segments, FanOut fanOut)
            throws IOException {
        this.directory = directory;
        this.config = config;
        this.bootId = bootId;
        this.segments = segments;
        this.fanOut = fanOut;
        var newest = fanOut.end().segment();
        this.index = newest.index(config.segmentBytesMax());
        this.checkpoint = newest.header().checkpoint();
        if (newest.begin().equals(fanOut.end().place()) && config.fsync() != TimelineConfig.Fsync.NEVER) {
            completeBegin(directory, segments.before(newest));
        }
        this.writer = opened(newest, config);
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

    /** Its checkpoint. */
    byte[] checkpoint() {
        return checkpoint.clone();
    }

    /** Makes everything ready for one more record. @return the end it will stand at */
    End prepare(NativeBuffer buffer) throws IOException {
        tidy(buffer);
        var end = fanOut.end();
        if (begun != null) {
            return goOnIn(begun, end);
        }
        var segment = end.segment();
        var isFull = end.place().position() - segment.begin().position() >= config.segmentBytesMax();
        // Only in a segment of this boot may recovery believe the length of a file.
        return isFull || !segment.header().bootId().equals(bootId) ? begin(end, config.checkpointNow(), null) : end;
    }

    /** Writes a record that is not Output. @param end as {@link #prepare} returned it */
    TimelineRecord write(byte kind, Function<End, ByteBuffer> payload, End end, NativeBuffer buffer)
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

    /** Writes a record of output. @param end as {@link #prepare} returned it. @param chunk no more than one record takes */
    void writeOutput(StdStream stream, ByteBuffer chunk, End end, NativeBuffer buffer) throws IOException {
        var header = open(stream, end).sealed(chunk.remaining(), Checksum.of(chunk));
        var position = writer.write(end.place(), header, chunk, buffer);
        if (config.fsync() == TimelineConfig.Fsync.ALWAYS) {
            writer.syncOrCut(end.place());
        }
        publishOutput(end.after(header, position), header, chunk);
    }

    /** Moves output from a pipe. @param end as {@link #prepare} returned it. @return bytes moved; 0 if none came */
    int move(StdStream stream, int pipe, End end, NativeBuffer buffer) throws IOException {
        var sealed = writer.move(end.place(), open(stream, end), pipe, buffer);
        if (sealed == null) {
            return 0;
        }
        publishMoved(end, sealed, buffer);
        return sealed.payloadLength();
    }

    private RecordHeader open(StdStream stream, End end) {
        return RecordHeader.open(
                stream, end.place().sequence(), now(end), end.place().offset(stream));
    }

    /** Puts right what an earlier failure left. */
    void tidy(NativeBuffer buffer) throws IOException {
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

    /** Puts into a record what has left its pipe and is in none yet. */
    void sealMoved(NativeBuffer buffer) throws IOException {
        if (writer.hasMoved()) {
            tidy(buffer);
        }
    }

    /** Goes on in room that was in reserve; in place of the newest segment if that has no records yet. */
    void beginIn(Path room, byte[] kept) throws IOException {
        begin(fanOut.end(), kept, room);
    }

    /** Goes on in the next segment. @param room an empty file with blocks that becomes it; or null */
    private End begin(End end, byte[] kept, @Nullable Path room) throws IOException {
        begun = Segment.create(directory, end.headerOfNext(bootId, kept), room);
        return goOnIn(begun, end);
    }

    /** Goes on in a segment that is there. If that fails it is to be done again, before anything else is written. */
    private End goOnIn(Segment segment, End end) throws IOException {
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
            segments.trim(begin, config.nowNanos());
        } catch (IOException e) {
            // What could not be deleted now is tried again with the next segment, and must not hold up output.
        }
        return begin;
    }

    /** Publishes what has left its pipe, and so counts even if the disk does not write it back. */
    private void publishMoved(End end, RecordHeader header, NativeBuffer buffer) throws IOException {
        var position = RecordHeader.placeAfter(end.place().position()) + RecordHeader.BYTES + header.payloadLength();
        try {
            if (config.fsync() == TimelineConfig.Fsync.ALWAYS) {
                writer.sync();
            }
        } finally {
            publishOutput(end.after(header, position), header, buffer.bytes.slice(0, header.payloadLength()));
        }
    }

    private void publishOutput(End next, RecordHeader header, ByteBuffer chunk) throws IOException {
        if (!fanOut.isWatched()) {
            publish(next, null, 0);
        } else {
            var copy = new byte[chunk.remaining()];
            chunk.get(chunk.position(), copy);
            publish(next, Payload.decode(header, ByteBuffer.wrap(copy)), copy.length);
        }
    }

    private void publish(End next, @Nullable TimelineRecord record, int bytes) {
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

    /** Has the disk write what is in the file. */
    void sync() throws IOException {
        writer.sync();
    }

    void close() {
        writer.close();
    }

    private long now(End end) {
        return Math.max(end.place().timestampNanos(), config.nowNanos());
    }
}
