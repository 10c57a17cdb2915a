package io.tailrace.server.v1;

import io.tailrace.api.v1.FollowEnd;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.RecordKind;
import io.tailrace.api.v1.StandardStream;
import io.tailrace.api.v1.WaitForLineRequest;
import io.tailrace.engine.Cursor;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import io.tailrace.engine.LineRequest;
import io.tailrace.engine.SubscriptionRequest;
import io.tailrace.engine.SubscriptionRequest.End;
import io.tailrace.engine.SubscriptionRequest.From;
import io.tailrace.engine.SubscriptionRequest.Kind;
import io.tailrace.log.StdStream;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What a client asks of a timeline, as the engine understands it. */
final class FollowRequests {
    private FollowRequests() {}

    static SubscriptionRequest of(FollowRequest request) {
        Set<StdStream> streams = streams(request.getStreamsList());
        return new SubscriptionRequest(
                from(request, streams),
                kinds(request),
                streams,
                end(request.getEnd()),
                Times.of(request.hasSince(), "since", request.getSince()),
                Times.of(request.hasUntil(), "until", request.getUntil()));
    }

    static LineRequest of(WaitForLineRequest request) {
        return new LineRequest(
                request.getPattern(),
                request.getCursor().isEmpty() ? null : Cursor.parse(request.getCursor()),
                streams(request.getStreamsList()),
                Times.of(request.hasTimeout(), "timeout", request.getTimeout()));
    }

    private static From from(FollowRequest request, Set<StdStream> streams) {
        return switch (request.getFromCase()) {
            case CURSOR -> new From.After(Cursor.parse(request.getCursor()));
            case NOW -> request.getNow() ? new From.Now() : new From.Start();
            case LAST -> new From.Last(notNegative("last", request.getLast()));
            case OFFSET -> {
                if (streams.size() != 1) {
                    throw invalid("streams: %s (expected: exactly one, to begin at an offset)", streams);
                }
                yield new From.Offset(streams.iterator().next(), notNegative("offset", request.getOffset()));
            }
            case LINES -> new From.Lines(notNegative("lines", request.getLines()));
            case FROM_NOT_SET -> new From.Start();
        };
    }

    private static Set<Kind> kinds(FollowRequest request) {
        var kinds = EnumSet.noneOf(Kind.class);
        for (RecordKind kind : request.getKindsList()) {
            kinds.add(
                    switch (kind) {
                        case RECORD_KIND_OUTPUT -> Kind.OUTPUT;
                        case RECORD_KIND_STATE -> Kind.STATE;
                        case RECORD_KIND_HEALTH -> Kind.HEALTH;
                        case RECORD_KIND_MESSAGE -> Kind.MESSAGE;
                        case RECORD_KIND_UNSPECIFIED, UNRECOGNIZED ->
                            throw invalid("kinds: %s (expected: output, state, health, message)", kind);
                    });
        }
        return kinds;
    }

    private static Set<StdStream> streams(List<StandardStream> wanted) {
        var streams = EnumSet.noneOf(StdStream.class);
        for (StandardStream stream : wanted) {
            streams.add(
                    switch (stream) {
                        case STANDARD_STREAM_STDOUT -> StdStream.STDOUT;
                        case STANDARD_STREAM_STDERR -> StdStream.STDERR;
                        case STANDARD_STREAM_UNSPECIFIED, UNRECOGNIZED ->
                            throw invalid("streams: %s (expected: stdout, stderr)", stream);
                    });
        }
        return streams;
    }

    private static End end(FollowEnd end) {
        return switch (end) {
            case FOLLOW_END_UNSPECIFIED, FOLLOW_END_EXIT -> End.EXIT;
            case FOLLOW_END_NOW -> End.NOW;
            case FOLLOW_END_NEVER -> End.NEVER;
            case UNRECOGNIZED -> throw invalid("end: %s (expected: now, exit, never)", end);
        };
    }

    /** Unsigned numbers of the wire that do not fit are as wrong as negative ones. */
    private static long notNegative(String name, long value) {
        if (value < 0) {
            throw invalid("%s: %s (expected: at most 2^63 - 1)".formatted(name, "%s"), Long.toUnsignedString(value));
        }
        return value;
    }

    private static EngineException invalid(String format, Object value) {
        return new EngineException(ErrorCode.INVALID_ARGUMENT, format.formatted(value));
    }
}
