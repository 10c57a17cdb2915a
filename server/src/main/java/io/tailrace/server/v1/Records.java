package io.tailrace.server.v1;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.tailrace.api.v1.Exit;
import io.tailrace.api.v1.ExitReason;
import io.tailrace.api.v1.Gap;
import io.tailrace.api.v1.Health;
import io.tailrace.api.v1.Message;
import io.tailrace.api.v1.Output;
import io.tailrace.api.v1.Record;
import io.tailrace.api.v1.StandardStream;
import io.tailrace.api.v1.State;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import java.nio.ByteBuffer;

/** A timeline's records as messages. Output is not copied: records are immutable. */
final class Records {
    private Records() {}

    /** A record. @param cursor the place behind it */
    static Record of(TimelineRecord record, String cursor) {
        var message = Record.newBuilder()
                .setSequence(record.sequence())
                .setTimestampNanos(record.timestampNanos())
                .setCursor(cursor);
        switch (record) {
            case TimelineRecord.Output output -> message.setOutput(of(output));
            case TimelineRecord.State state ->
                message.setState(State.newBuilder().setState(state.state()).putAllAttributes(state.attributes()));
            case TimelineRecord.Health health -> message.setHealth(of(health));
            case TimelineRecord.Message content ->
                message.setMessage(
                        Message.newBuilder().setTopic(content.topic()).setData(bytes(content.data())));
            case TimelineRecord.Gap gap -> message.setGap(of(gap));
            case TimelineRecord.Exit exit -> message.setExit(of(exit));
        }
        return message.build();
    }

    private static Output of(TimelineRecord.Output output) {
        return Output.newBuilder()
                .setStream(of(output.stream()))
                .setOffset(output.offset())
                .setData(bytes(output.data()))
                .build();
    }

    private static Health of(TimelineRecord.Health health) {
        return Health.newBuilder()
                .setStatus(health.status())
                .setExitCode(health.exitCode())
                .setDurationNanos(health.durationNanos())
                .setOutput(bytes(health.output()))
                .build();
    }

    private static Gap of(TimelineRecord.Gap gap) {
        return Gap.newBuilder()
                .setLastSequence(gap.lastSequence())
                .setReason(gap.reason())
                .setStdoutFrom(gap.stdoutFrom())
                .setStdoutTo(gap.stdoutTo())
                .setStderrFrom(gap.stderrFrom())
                .setStderrTo(gap.stderrTo())
                .build();
    }

    /** An exit. */
    static Exit of(TimelineRecord.Exit exit) {
        return Exit.newBuilder()
                .setReason(of(exit.reason()))
                .setExitCode(exit.exitCode())
                .setSignal(exit.signal())
                .setStdoutLength(exit.stdoutLength())
                .setStdoutCrc32((int) exit.stdoutCrc32())
                .setStderrLength(exit.stderrLength())
                .setStderrCrc32((int) exit.stderrCrc32())
                .setMessage(exit.message())
                .build();
    }

    private static ExitReason of(io.tailrace.log.ExitReason reason) {
        return switch (reason) {
            case EXITED -> ExitReason.EXIT_REASON_EXITED;
            case SIGNALLED -> ExitReason.EXIT_REASON_SIGNALLED;
            case OUT_OF_MEMORY -> ExitReason.EXIT_REASON_OUT_OF_MEMORY;
            case TIMED_OUT -> ExitReason.EXIT_REASON_TIMED_OUT;
            case STOPPED -> ExitReason.EXIT_REASON_STOPPED;
            case START_FAILED -> ExitReason.EXIT_REASON_START_FAILED;
            case LOST -> ExitReason.EXIT_REASON_LOST;
        };
    }

    static StandardStream of(StdStream stream) {
        return switch (stream) {
            case STDOUT -> StandardStream.STANDARD_STREAM_STDOUT;
            case STDERR -> StandardStream.STANDARD_STREAM_STDERR;
        };
    }

    static ByteString bytes(ByteBuffer data) {
        return UnsafeByteOperations.unsafeWrap(data.duplicate());
    }
}
