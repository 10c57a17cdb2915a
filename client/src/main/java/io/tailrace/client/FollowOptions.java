package io.tailrace.client;

import io.tailrace.api.v1.FollowEnd;
import io.tailrace.api.v1.FollowRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a follower wants of a timeline: by default all of it, from the first record to the exit, verified. Each method
 * sets one thing and returns this. Not thread-safe.
 */
public final class FollowOptions {
    static final Duration RECONNECT_TIMEOUT = Duration.ofSeconds(60);

    private final FollowRequest.Builder request = FollowRequest.newBuilder().setEnd(FollowEnd.FOLLOW_END_EXIT);
    private final Set<StandardStream> streams = EnumSet.allOf(StandardStream.class);
    private Duration reconnectTimeout = RECONNECT_TIMEOUT;
    private boolean isVerified = true;

    /** Everything, from the first record that is still there to the exit. */
    public FollowOptions() {}

    /** Begins behind the record that had this cursor. */
    public FollowOptions after(String cursor) {
        request.setCursor(cursor);
        return this;
    }

    /** Begins with the next record. */
    public FollowOptions fromNow() {
        request.setNow(true);
        return this;
    }

    /** Begins with the last records that match. */
    public FollowOptions last(long records) {
        request.setLast(records);
        return this;
    }

    /**
     * Begins with the last lines of output, those of the streams that are wanted counted together; what is not output is
     * left out before them. A last line without its end counts.
     */
    public FollowOptions lastLines(long lines) {
        request.setLines(lines);
        return this;
    }

    /** Leaves out what was recorded before a time, wherever it begins. */
    public FollowOptions since(Instant time) {
        request.setSince(Wire.timestamp(time));
        return this;
    }

    /**
     * Ends before the first record that is later than a time, or when that time is over, if it does not end before; the
     * last lines are counted back from there.
     */
    public FollowOptions until(Instant time) {
        request.setUntil(Wire.timestamp(time));
        return this;
    }

    /** Begins with the byte at an offset of one stream, and follows that stream only. */
    public FollowOptions fromOffset(StandardStream stream, long offset) {
        request.setOffset(offset);
        return streams(stream);
    }

    /** Only these kinds of records; gaps and exits always come. */
    public FollowOptions kinds(RecordKind... kinds) {
        request.clearKinds();
        for (var kind : kinds) {
            request.addKinds(TimelineWire.kind(kind));
        }
        return this;
    }

    /** Only the output of these streams. */
    public FollowOptions streams(StandardStream... wanted) {
        request.clearStreams();
        streams.clear();
        for (var stream : wanted) {
            request.addStreams(TimelineWire.stream(stream));
            streams.add(stream);
        }
        return this;
    }

    /** When to end: by default behind the exit. */
    public FollowOptions until(End end) {
        request.setEnd(
                switch (end) {
                    case NOW -> FollowEnd.FOLLOW_END_NOW;
                    case EXIT -> FollowEnd.FOLLOW_END_EXIT;
                    case NEVER -> FollowEnd.FOLLOW_END_NEVER;
                });
        return this;
    }

    /** How long to go on trying after the connection was lost, without any progress, before failing; by default 60 s. */
    public FollowOptions reconnectTimeout(Duration timeout) {
        if (timeout.isNegative()) {
            throw new TailraceException(
                    ErrorCode.INVALID_ARGUMENT, "reconnectTimeout: %s (expected: >= 0)".formatted(timeout));
        }
        this.reconnectTimeout = timeout;
        return this;
    }

    /**
     * Whether to prove, at the exit, that every byte arrived: each stream that was followed from offset 0 without a gap
     * must have the length and CRC-32 that the server recorded, else CORRUPT. By default true.
     */
    public FollowOptions verify(boolean isVerified) {
        this.isVerified = isVerified;
        return this;
    }

    FollowRequest request(String containerId, String execId) {
        return request.clone().setContainer(containerId).setExec(execId).build();
    }

    /** The streams whose every byte will come, if it begins with the first record. */
    Set<StandardStream> wholeStreams() {
        boolean hasOutput = request.getKindsCount() == 0
                || request.getKindsList().contains(io.tailrace.api.v1.RecordKind.RECORD_KIND_OUTPUT);
        return isVerified && hasOutput ? EnumSet.copyOf(streams) : EnumSet.noneOf(StandardStream.class);
    }

    Duration reconnectTimeout() {
        return reconnectTimeout;
    }

    /** When a follow ends. */
    public enum End {
        /** With what is recorded when it begins. */
        NOW,
        /** Behind the exit of the latest run. */
        EXIT,
        /** When the timeline is deleted. */
        NEVER
    }
}
