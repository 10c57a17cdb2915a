package io.tailrace.server.http;

import com.linecorp.armeria.common.HttpData;
import io.netty.buffer.Unpooled;
import io.tailrace.engine.ContainerProcess;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import io.tailrace.server.stream.HttpStream;
import io.tailrace.server.stream.Processes;
import io.tailrace.server.stream.Pump;
import io.tailrace.server.stream.Source;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One copy of a range of a stream's bytes from its timeline into a response. Output is not copied in memory. */
final class RawCopy {
    private final HttpStream stream;
    private final Source<TimelineRecord> source;
    private final StdStream output;
    private final long to;
    private long position;
    private @Nullable TimelineRecord pending;
    private TimelineRecord.@Nullable Exit exit;

    RawCopy(HttpStream stream, Source<TimelineRecord> source, StdStream output, ByteRange range) {
        this.stream = stream;
        this.source = source;
        this.output = output;
        this.position = range.from();
        this.to = range.to();
    }

    /** What is missing right at the beginning, looked for before anything is sent; null if nothing is. */
    TimelineRecord.@Nullable Gap leadingGap() throws InterruptedException {
        TimelineRecord record = position < to ? source.poll() : null;
        if (record instanceof TimelineRecord.Gap gap && from(gap, output) < to(gap, output)) {
            return gap;
        }
        pending = record;
        return null;
    }

    /** Copies. @return the exit behind the last byte; null if the range ended before */
    TimelineRecord.@Nullable Exit run() throws InterruptedException {
        while (position < to) {
            stream.awaitReady();
            TimelineRecord record = next();
            if (record == null) {
                if (source.isEnded()) {
                    return exit;
                }
                continue;
            }
            switch (record) {
                case TimelineRecord.Output chunk -> write(chunk.data().duplicate());
                case TimelineRecord.Exit end -> exit = end;
                case TimelineRecord.Gap gap -> requireNothingMissing(gap);
                case TimelineRecord.State state -> {}
                case TimelineRecord.Health health -> {}
                case TimelineRecord.Message message -> {}
            }
        }
        return null;
    }

    /** Refuses to end well what is not whole. @param followed the process if its exit was to come; else null */
    void requireWhole(@Nullable ContainerProcess followed) {
        if (followed != null) {
            Processes.requireBehindExit(followed, source.cursor());
        } else if (position < to) {
            throw new EngineException(
                    ErrorCode.NOT_FOUND, "the timeline ended at offset %d (expected: %d)".formatted(position, to));
        }
    }

    private @Nullable TimelineRecord next() throws InterruptedException {
        TimelineRecord record = pending;
        pending = null;
        if (record == null) {
            record = source.poll();
        }
        if (record == null && !source.isEnded()) {
            record = source.next(Pump.HEARTBEAT);
            stream.check();
        }
        return record;
    }

    private void write(ByteBuffer data) {
        if (data.remaining() > to - position) {
            data.limit(data.position() + (int) (to - position));
        }
        position += data.remaining();
        stream.write(HttpData.wrap(Unpooled.wrappedBuffer(data)));
    }

    private void requireNothingMissing(TimelineRecord.Gap gap) {
        if (from(gap, output) < to(gap, output)) {
            throw new EngineException(
                    ErrorCode.NOT_FOUND,
                    "bytes %d to %d are gone: %s".formatted(from(gap, output), to(gap, output), gap.reason()));
        }
    }

    static long from(TimelineRecord.Gap gap, StdStream output) {
        return output == StdStream.STDOUT ? gap.stdoutFrom() : gap.stderrFrom();
    }

    static long to(TimelineRecord.Gap gap, StdStream output) {
        return output == StdStream.STDOUT ? gap.stdoutTo() : gap.stderrTo();
    }
}
