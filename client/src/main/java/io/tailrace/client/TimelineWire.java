package io.tailrace.client;

import io.tailrace.api.v1.Exit;
import io.tailrace.api.v1.Record;
import io.tailrace.api.v1.WaitForLineResponse;
import org.jspecify.annotations.Nullable;

/** From messages of timelines and of the feed to the records of this package, and back. */
final class TimelineWire {
    private static final long UNSIGNED_INT = 0xffff_ffffL;

    private TimelineWire() {}

    /** Null for a kind of record that this client does not know. */
    static @Nullable TimelineRecord record(Record record) {
        long sequence = record.getSequence();
        long nanos = record.getTimestampNanos();
        var time = Wire.instant(nanos);
        var cursor = record.getCursor();
        return switch (record.getContentCase()) {
            case OUTPUT -> {
                var output = record.getOutput();
                yield new TimelineRecord.Output(
                        sequence,
                        time,
                        cursor,
                        stream(output.getStream()),
                        output.getOffset(),
                        SharedBytes.view(output.getData()));
            }
            case STATE -> {
                var state = record.getState();
                yield new TimelineRecord.State(
                        sequence, time, cursor, ContainerState.of(state.getState()), state.getAttributesMap());
            }
            case HEALTH -> {
                var health = record.getHealth();
                yield new TimelineRecord.Health(
                        sequence,
                        time,
                        cursor,
                        health.getStatus(),
                        health.getExitCode(),
                        health.getDurationNanos(),
                        health.getOutput().toStringUtf8());
            }
            case MESSAGE -> {
                var message = record.getMessage();
                yield new TimelineRecord.Message(
                        sequence,
                        time,
                        cursor,
                        message.getTopic(),
                        message.getData().asReadOnlyByteBuffer());
            }
            case GAP -> {
                var gap = record.getGap();
                yield new TimelineRecord.Gap(
                        sequence,
                        time,
                        cursor,
                        gap.getLastSequence(),
                        gap.getReason(),
                        gap.getStdoutFrom(),
                        gap.getStdoutTo(),
                        gap.getStderrFrom(),
                        gap.getStderrTo());
            }
            case EXIT -> new TimelineRecord.Exit(sequence, time, cursor, exit(record.getExit()));
            case CONTENT_NOT_SET -> null;
        };
    }

    static ExitStatus exit(Exit exit) {
        return new ExitStatus(
                switch (exit.getReason()) {
                    case EXIT_REASON_EXITED -> ExitReason.EXITED;
                    case EXIT_REASON_SIGNALLED -> ExitReason.SIGNALLED;
                    case EXIT_REASON_OUT_OF_MEMORY -> ExitReason.OUT_OF_MEMORY;
                    case EXIT_REASON_TIMED_OUT -> ExitReason.TIMED_OUT;
                    case EXIT_REASON_STOPPED -> ExitReason.STOPPED;
                    case EXIT_REASON_START_FAILED -> ExitReason.START_FAILED;
                    case EXIT_REASON_LOST -> ExitReason.LOST;
                    case EXIT_REASON_UNSPECIFIED, UNRECOGNIZED -> ExitReason.UNKNOWN;
                },
                // Presence tells "0" from "not said": a missing exit code must never read as success.
                exit.hasExitCode() ? exit.getExitCode() : -1,
                exit.getSignal(),
                exit.getStdoutLength(),
                exit.getStdoutCrc32() & UNSIGNED_INT,
                exit.getStderrLength(),
                exit.getStderrCrc32() & UNSIGNED_INT,
                exit.getMessage());
    }

    static StandardStream stream(io.tailrace.api.v1.StandardStream stream) {
        return stream == io.tailrace.api.v1.StandardStream.STANDARD_STREAM_STDERR
                ? StandardStream.STDERR
                : StandardStream.STDOUT;
    }

    static io.tailrace.api.v1.StandardStream stream(StandardStream stream) {
        return switch (stream) {
            case STDOUT -> io.tailrace.api.v1.StandardStream.STANDARD_STREAM_STDOUT;
            case STDERR -> io.tailrace.api.v1.StandardStream.STANDARD_STREAM_STDERR;
        };
    }

    static io.tailrace.api.v1.RecordKind kind(RecordKind kind) {
        return switch (kind) {
            case OUTPUT -> io.tailrace.api.v1.RecordKind.RECORD_KIND_OUTPUT;
            case STATE -> io.tailrace.api.v1.RecordKind.RECORD_KIND_STATE;
            case HEALTH -> io.tailrace.api.v1.RecordKind.RECORD_KIND_HEALTH;
            case MESSAGE -> io.tailrace.api.v1.RecordKind.RECORD_KIND_MESSAGE;
        };
    }

    static FeedRecord feedRecord(io.tailrace.api.v1.FeedRecord record) {
        return new FeedRecord(
                record.getSequence(),
                record.getCursor(),
                record.getContainer(),
                record.getContainerName(),
                record.getExec(),
                record.getEvent(),
                Wire.instant(record.getTime()),
                record.hasRecord() ? record(record.getRecord()) : null);
    }

    static LineMatch line(WaitForLineResponse line) {
        return new LineMatch(
                new OutputLine(
                        stream(line.getStream()),
                        Wire.instant(line.getTimestampNanos()),
                        line.getOffset(),
                        line.getLine().asReadOnlyByteBuffer()),
                line.getCursor());
    }
}
