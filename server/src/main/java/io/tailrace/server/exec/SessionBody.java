package io.tailrace.server.exec;

import io.tailrace.api.exec.SessionRequest;
import io.tailrace.api.exec.SessionResponse;
import io.tailrace.api.exec.Start;
import io.tailrace.engine.Cursor;
import io.tailrace.engine.Engine;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import io.tailrace.engine.SubscriptionRequest;
import io.tailrace.engine.SubscriptionRequest.End;
import io.tailrace.engine.SubscriptionRequest.From;
import io.tailrace.engine.SubscriptionRequest.Kind;
import io.tailrace.server.stream.GrpcStream;
import io.tailrace.server.stream.Inbox;
import io.tailrace.server.stream.Processes;
import io.tailrace.server.stream.Pump;
import io.tailrace.server.stream.Source;
import java.time.Instant;
import java.util.Set;

/** One session, from its start to its exit. */
final class SessionBody {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final Engine engine;
    private final SessionIds ids;
    private final Sessions sessions;
    private final GrpcStream<SessionResponse> stream;
    private final Inbox<SessionRequest> inbox;
    private final boolean isChunked;

    SessionBody(
            Engine engine,
            SessionIds ids,
            Sessions sessions,
            GrpcStream<SessionResponse> stream,
            Inbox<SessionRequest> inbox,
            boolean isChunked) {
        this.engine = engine;
        this.ids = ids;
        this.sessions = sessions;
        this.stream = stream;
        this.inbox = inbox;
        this.isChunked = isChunked;
    }

    void run() throws InterruptedException {
        SessionRequest first = inbox.take();
        if (first == null || !first.hasStart()) {
            throw new EngineException(ErrorCode.INVALID_ARGUMENT, "first msg: not start (expected: start)");
        }
        Start start = first.getStart();
        try (var room = sessions.room()) {
            run(start, SessionTarget.of(engine, ids, room, start), room);
        }
        stream.complete();
    }

    private void run(Start start, SessionTarget target, Sessions.Room room) throws InterruptedException {
        var wanted = new SubscriptionRequest(from(start, target), Set.of(Kind.OUTPUT), Set.of(), End.EXIT);
        try (var session = sessions.attach(target, start.getClientId(), room);
                var source = stream.closeAtEnd(Source.of(target.process().subscribe(wanted)))) {
            var output = new SessionOutput(stream, target, sessionId(start, target), isChunked);
            output.ready();
            try (var input = SessionInput.start(inbox, stream, target, session)) {
                Pump.run(source, stream, output);
            }
            Processes.requireBehindExit(target.process(), source.cursor());
            output.finish();
        }
    }

    /** The sequence that the client names is the first it wants again. */
    private static From from(Start start, SessionTarget target) {
        long sequence = start.getReplayFromSequence();
        return sequence == 0
                ? new From.Start()
                : new From.After(new Cursor(target.process().timelineId(), sequence - 1));
    }

    private String sessionId(Start start, SessionTarget target) {
        if (target.isResumed()) {
            return start.getSessionId();
        }
        Instant now = Instant.now();
        long nanos = now.getEpochSecond() * NANOS_PER_SECOND + now.getNano();
        return ids.create(new SessionIds.Named(target.container().id(), target.execId()), nanos);
    }
}
