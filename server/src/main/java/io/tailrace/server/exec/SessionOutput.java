package io.tailrace.server.exec;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.tailrace.api.exec.OutputChunk;
import io.tailrace.api.exec.Ready;
import io.tailrace.api.exec.Resize;
import io.tailrace.api.exec.SessionResponse;
import io.tailrace.engine.Cursor;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.spi.TerminalSize;
import io.tailrace.server.stream.GrpcStream;
import io.tailrace.server.stream.Pump;
import org.jspecify.annotations.Nullable;

/** A process's records as this service's responses: ready, output, and exit last of all. Used by one thread. */
final class SessionOutput implements Pump.Sink<TimelineRecord> {
    private final GrpcStream<SessionResponse> stream;
    private final SessionTarget target;
    private final String sessionId;
    private final boolean isChunked;

    /** Where stdout stood when the client came back; what lies before is replay. */
    private final long replayLength;

    private boolean isReplaying;
    private long missingChunks;
    private boolean hasLostOutput;
    private TimelineRecord.@Nullable Exit exit;

    SessionOutput(GrpcStream<SessionResponse> stream, SessionTarget target, String sessionId, boolean isChunked) {
        this.stream = stream;
        this.target = target;
        this.sessionId = sessionId;
        this.isChunked = isChunked;
        this.isReplaying = target.isResumed() && target.terminal() != null;
        this.replayLength = target.process().streamLength(StdStream.STDOUT);
    }

    /** Says that the session stands. */
    void ready() {
        sendReady(false);
        flush();
    }

    @Override
    public int accept(TimelineRecord record, Cursor cursor) {
        return switch (record) {
            case TimelineRecord.Output output -> {
                // The container was started again: that was not the last exit.
                exit = null;
                yield send(output);
            }
            case TimelineRecord.Exit end -> {
                exit = end;
                yield 0;
            }
            case TimelineRecord.Gap gap -> {
                missingChunks += gap.lastSequence() - gap.sequence() + 1;
                hasLostOutput |= gap.isMissing(StdStream.STDOUT) || gap.isMissing(StdStream.STDERR);
                yield 0;
            }
            case TimelineRecord.State state -> 0;
            case TimelineRecord.Health health -> 0;
            case TimelineRecord.Message message -> 0;
        };
    }

    @Override
    public void idle(Cursor cursor) {
        completeReplay();
    }

    @Override
    public void flush() {
        stream.flush();
    }

    /** Sends the exit. The last message; plain bytes cannot say that some are missing, so then the status does. */
    void finish() throws InterruptedException {
        completeReplay();
        TimelineRecord.Exit last = exit;
        if (last != null) {
            stream.prepare(SessionResponse.newBuilder().setExit(last.exitCode()).build());
        }
        stream.awaitReady();
        flush();
        if (hasLostOutput && !isChunked) {
            throw io.grpc.Status.DATA_LOSS
                    .withDescription("some of the output was no longer recorded")
                    .asRuntimeException();
        }
        if (last == null) {
            throw new EngineException(
                    ErrorCode.NOT_FOUND,
                    "%s ended without an exit".formatted(target.process().timelineId()));
        }
    }

    private int send(TimelineRecord.Output output) {
        boolean isReplay = isReplaying && output.offset() < replayLength;
        if (isReplaying && !isReplay) {
            completeReplay();
        }
        ByteString data = UnsafeByteOperations.unsafeWrap(output.data().duplicate());
        stream.prepare(isChunked ? chunk(output, data, isReplay) : plain(output, data));
        missingChunks = 0;
        if (isReplay && output.offset() + data.size() >= replayLength) {
            completeReplay();
        }
        return data.size();
    }

    private static SessionResponse plain(TimelineRecord.Output output, ByteString data) {
        var response = SessionResponse.newBuilder();
        return switch (output.stream()) {
            case STDOUT -> response.setStdout(data).build();
            case STDERR -> response.setStderr(data).build();
        };
    }

    private SessionResponse chunk(TimelineRecord.Output output, ByteString data, boolean isReplay) {
        var chunk = OutputChunk.newBuilder()
                .setSequence(output.sequence())
                .setTimestamp(output.timestampNanos())
                .setIsReplay(isReplay)
                .setGapBefore(missingChunks);
        switch (output.stream()) {
            case STDOUT -> chunk.setStdout(data);
            case STDERR -> chunk.setStderr(data);
        }
        return SessionResponse.newBuilder().setOutputChunk(chunk).build();
    }

    private void completeReplay() {
        if (isReplaying) {
            isReplaying = false;
            sendReady(true);
        }
    }

    private void sendReady(boolean isReplayComplete) {
        var ready = Ready.newBuilder().setSessionId(sessionId).setReplayComplete(isReplayComplete);
        TerminalSize terminal = target.terminal();
        if (terminal != null) {
            ready.setTerminalSize(
                    Resize.newBuilder().setWidth(terminal.columns()).setHeight(terminal.rows()));
        }
        stream.prepare(SessionResponse.newBuilder().setReady(ready).build());
    }
}
