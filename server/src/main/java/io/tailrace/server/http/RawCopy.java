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
import java.util.OptionalLong;
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

    /** The first offset that is there, if what was asked for begins before it; looked for before anything is sent. */
    OptionalLong firstOffsetIfGone() throws InterruptedException {
        pending = position < to ? source.poll() : null;
        return switch (pending) {
            case TimelineRecord.Gap gap when isMissing(gap) -> OptionalLong.of(to(gap));
            case TimelineRecord.Output chunk when chunk.offset() > position -> OptionalLong.of(chunk.offset());
            case null, default -> OptionalLong.empty();
        };
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
                case TimelineRecord.Output chunk -> write(chunk);
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
            stream.setBehind(false);
            record = source.next(Pump.HEARTBEAT);
            stream.check();
        }
        stream.setBehind(record != null);
        return record;
    }

    private void write(TimelineRecord.Output chunk) {
        if (chunk.offset() != position) {
            throw gone(chunk.offset());
        }
        ByteBuffer data = chunk.data().duplicate();
        if (data.remaining() > to - position) {
            data.limit(data.position() + (int) (to - position));
        }
        position += data.remaining();
        stream.write(HttpData.wrap(Unpooled.wrappedBuffer(data)));
    }

    private void requireNothingMissing(TimelineRecord.Gap gap) {
        if (isMissing(gap)) {
            throw gone(to(gap));
        }
    }

    /** Whether a gap is one of this stream, and not of what lies before the range. */
    private boolean isMissing(TimelineRecord.Gap gap) {
        return from(gap) < to(gap) && to(gap) > position;
    }

    private EngineException gone(long next) {
        return new EngineException(ErrorCode.NOT_FOUND, "bytes %d to %d are gone".formatted(position, next));
    }

    private long from(TimelineRecord.Gap gap) {
        return output == StdStream.STDOUT ? gap.stdoutFrom() : gap.stderrFrom();
    }

    private long to(TimelineRecord.Gap gap) {
        return output == StdStream.STDOUT ? gap.stdoutTo() : gap.stderrTo();
    }
}
