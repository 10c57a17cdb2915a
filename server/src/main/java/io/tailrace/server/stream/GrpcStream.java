package io.tailrace.server.stream;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tailrace.server.errors.GrpcErrors;
import java.util.ArrayList;
import java.util.List;

/** The server's half of a gRPC call that streams. Gated by the transport's readiness. */
public final class GrpcStream<T> extends ServedStream {
    private final ServerCallStreamObserver<T> call;

    /** The body's alone. */
    private final List<T> prepared = new ArrayList<>();

    private GrpcStream(ServerCallStreamObserver<T> call) {
        this.call = call;
    }

    /** Takes over a call. To be used in the service's method, before that returns. */
    public static <T> GrpcStream<T> of(StreamObserver<T> observer) {
        var call = (ServerCallStreamObserver<T>) observer;
        var stream = new GrpcStream<T>(call);
        call.setOnReadyHandler(stream::readinessChanged);
        call.setOnCancelHandler(stream::clientLeft);
        return stream;
    }

    /** Sends a message. Does not wait: call {@link #awaitReady} before. */
    public void send(T message) {
        call.onNext(message);
    }

    /** Keeps a message to be sent by the next {@link #flush}. */
    public void prepare(T message) {
        prepared.add(message);
    }

    /** Sends what was prepared. Does not wait: call {@link #awaitReady} before. */
    public void flush() {
        prepared.forEach(call::onNext);
        prepared.clear();
    }

    /** Sends a message if the transport takes it now; drops it if not. */
    public void sendIfReady(T message) {
        if (isReady()) {
            send(message);
        }
    }

    /** Ends the call well. */
    public void complete() {
        call.onCompleted();
    }

    /** The other half: the client's messages, one at a time. To be used before the service's method returns. */
    public <Q> Inbox<Q> inbox() {
        call.disableAutoRequest();
        var inbox = new Inbox<Q>(call, this);
        atEnd(inbox::close);
        return inbox;
    }

    @Override
    protected boolean isReady() {
        return call.isReady();
    }

    @Override
    protected void fail(Throwable cause) {
        if (!call.isCancelled()) {
            call.onError(GrpcErrors.of(cause));
        }
    }
}
