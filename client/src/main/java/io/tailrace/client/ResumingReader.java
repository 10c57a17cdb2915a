package io.tailrace.client;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream of records over as many connections as it takes. Where a call breaks, the next one goes on behind the
 * last record that arrived; what each message means, and when the end is a real end, the {@link Source} knows.
 *
 * <p>One thread reads; any thread may close.
 */
final class ResumingReader<Q, S, T> {
    private final Connection connection;
    private final MethodDescriptor<Q, S> method;
    private final Source<Q, S, T> source;
    private final Backoff backoff;
    private volatile @Nullable BlockingCall<Q, S> call;
    private volatile boolean isClosed;
    private boolean isEnded;
    private @Nullable TailraceException failure;

    /** What is read: how to ask for it, and what the answers mean. Called from the reading thread only. */
    interface Source<Q, S, T> {
        /** The request that goes on behind everything that was accepted. */
        Q request();

        /** What to hand to the caller; null for nothing. */
        @Nullable T accept(S message);

        /** Whether a call that ended well has delivered everything that was asked for. */
        boolean isComplete();
    }

    ResumingReader(
            Connection connection, MethodDescriptor<Q, S> method, Source<Q, S, T> source, Duration reconnectTimeout) {
        this.connection = connection;
        this.method = method;
        this.source = source;
        this.backoff = new Backoff(reconnectTimeout);
    }

    /** The next record; null at the end. A failure is final: it is thrown again, never followed by an end. */
    @Nullable T next() {
        if (failure != null) {
            throw failure;
        }
        try {
            return read();
        } catch (TailraceException e) {
            failure = e;
            close();
            throw e;
        }
    }

    private @Nullable T read() {
        while (!isEnded) {
            if (isClosed) {
                throw new TailraceException(ErrorCode.CANCELLED, "closed");
            }
            var next = take();
            if (next instanceof BlockingCall.End end) {
                call = null;
                ended(end.status(), end.trailers());
            } else {
                backoff.succeeded();
                // The queue holds nothing but messages and the end.
                @SuppressWarnings("unchecked")
                var record = source.accept((S) next);
                if (record != null) {
                    return record;
                }
            }
        }
        return null;
    }

    private Object take() {
        var current = call;
        if (current == null) {
            current = BlockingCall.open(connection, method, source.request());
            call = current;
            if (isClosed) {
                current.cancel("closed");
            }
        }
        try {
            return current.take();
        } catch (InterruptedException e) {
            throw Failures.interrupted();
        }
    }

    private void ended(Status status, Metadata trailers) {
        if (status.isOk() && source.isComplete()) {
            isEnded = true;
            return;
        }
        if (isClosed) {
            throw new TailraceException(ErrorCode.CANCELLED, "closed");
        }
        boolean isRetried = !connection.isClosed() && (status.isOk() || Failures.isConnectionLost(status, trailers));
        if (isRetried && backoff.pause()) {
            connection.reconnectNow();
            return;
        }
        throw status.isOk()
                ? new TailraceException(
                        ErrorCode.INCOMPLETE,
                        "the stream ended before the exit record (expected: it, as proof that nothing is missing)")
                : Failures.of(status, trailers, connection.address());
    }

    void close() {
        isClosed = true;
        var current = call;
        if (current != null) {
            current.cancel("closed");
        }
    }
}
