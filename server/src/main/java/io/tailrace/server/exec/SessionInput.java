package io.tailrace.server.exec;

import com.google.protobuf.ByteString;
import io.tailrace.api.exec.Resize;
import io.tailrace.api.exec.SessionRequest;
import io.tailrace.engine.ContainerProcess;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import io.tailrace.runtime.spi.TerminalSize;
import io.tailrace.server.stream.Inbox;
import io.tailrace.server.stream.ServedStream;
import io.tailrace.server.stream.StreamEndedException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a session's client sends after its start: stdin and sizes. What the process cannot take (it has no stdin or no
 * terminal, or has ended) is ignored, as this service's clients expect; what it does not take yet holds the client back.
 * Runs on a virtual thread beside the session's own.
 */
final class SessionInput implements AutoCloseable {
    /**
     * How long the end of the client's half may be the beginning of its leaving: clients on Node end their half before they
     * cancel the call, and who was cut off may come back to go on writing.
     */
    private static final Duration LEAVING = Duration.ofMillis(100);

    /** Of sizes that come closer together only the last counts, as while a window is being dragged (contract: 50 ms). */
    private static final Duration RESIZE_PAUSE = Duration.ofMillis(50);

    private static final Logger log = LoggerFactory.getLogger(SessionInput.class);

    private final Inbox<SessionRequest> inbox;
    private final ServedStream stream;
    private final SessionTarget target;
    private final Sessions.Attached session;
    private final Thread thread;
    private volatile boolean hasWritten;

    /** The size that the terminal is to have soon; used by the thread alone, as when. */
    private @Nullable TerminalSize size;

    private long sizeDueNanos;

    private SessionInput(
            Inbox<SessionRequest> inbox, ServedStream stream, SessionTarget target, Sessions.Attached session) {
        this.inbox = inbox;
        this.stream = stream;
        this.target = target;
        this.session = session;
        this.thread = Thread.ofVirtual().name("session-input").unstarted(this::run);
    }

    /** Begins to take what the client sends. */
    static SessionInput start(
            Inbox<SessionRequest> inbox, ServedStream stream, SessionTarget target, Sessions.Attached session) {
        var input = new SessionInput(inbox, stream, target, session);
        input.thread.start();
        return input;
    }

    private void run() {
        try {
            for (SessionRequest request = next(); request != null; request = next()) {
                take(request);
            }
            boolean mayEndStdin = target.isInteractive() && target.terminal() == null && !target.isResumed();
            if (mayEndStdin && !stream.awaitEnd(LEAVING)) {
                // Who brought the command has nothing more to say to it. A terminal stays open for who comes back.
                target.process().closeStdin();
            }
        } catch (StreamEndedException | InterruptedException e) {
            log.trace("session input ended", e);
        } catch (EngineException e) {
            stream.end(e);
        }
    }

    /** What comes next; by then the terminal has the size that it is due to have. */
    private @Nullable SessionRequest next() throws InterruptedException {
        while (size != null) {
            Duration remaining = Duration.ofNanos(sizeDueNanos - System.nanoTime());
            if (!remaining.isPositive() || !inbox.await(remaining)) {
                resize();
            } else {
                break;
            }
        }
        SessionRequest request = inbox.take();
        if (request == null || request.getMsgCase() != SessionRequest.MsgCase.RESIZE) {
            resize();
        }
        return request;
    }

    private void take(SessionRequest request) throws InterruptedException {
        switch (request.getMsgCase()) {
            case STDIN -> write(request.getStdin());
            case RESIZE -> want(request.getResize());
            case START ->
                throw new EngineException(ErrorCode.INVALID_ARGUMENT, "msg: start again (expected: stdin or resize)");
            case MSG_NOT_SET -> log.trace("an empty message is ignored");
        }
    }

    private void write(ByteString data) throws InterruptedException {
        ContainerProcess process = target.process();
        session.stdin().lockInterruptibly();
        try {
            if (data.isEmpty()) {
                process.closeStdin();
            } else {
                hasWritten = true;
                process.writeStdin(process.stdinOffset(), data.asReadOnlyByteBuffer());
            }
        } catch (EngineException e) {
            ignoreIfStateForbids(e);
        } finally {
            session.stdin().unlock();
        }
    }

    private void want(Resize wanted) {
        if (target.terminal() == null) {
            return;
        }
        try {
            TerminalSize next = new TerminalSize(wanted.getWidth(), wanted.getHeight());
            if (size == null) {
                sizeDueNanos = System.nanoTime() + RESIZE_PAUSE.toNanos();
            }
            size = next;
        } catch (IllegalArgumentException e) {
            log.trace("a size that no terminal has is ignored", e);
        }
    }

    private void resize() {
        TerminalSize due = size;
        if (due == null) {
            return;
        }
        size = null;
        try {
            target.process().resize(due);
        } catch (EngineException e) {
            ignoreIfStateForbids(e);
        }
    }

    private static void ignoreIfStateForbids(EngineException failure) {
        if (failure.code() != ErrorCode.FAILED_PRECONDITION) {
            throw failure;
        }
        log.trace("ignored", failure);
    }

    /** Ends it, also where the process does not read. */
    @Override
    public void close() {
        thread.interrupt();
        boolean isInit = target.execId().equals(target.container().id());
        if (isInit && hasWritten && target.container().request().isStdinOnce() && !stream.isEndedByServer()) {
            target.process().closeStdin();
        }
    }
}
