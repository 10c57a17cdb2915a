package io.tailrace.server.stream;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The client's half of a streaming gRPC call: messages are asked for one at a time, so that a client that sends faster
 * than they are used is held back by its transport. Taken by one thread.
 */
public final class Inbox<Q> implements StreamObserver<Q> {
    /** The one message that was asked for, the end, and the closing. */
    private static final int EVENTS_MAX = 3;

    private final ServerCallStreamObserver<?> call;
    private final ServedStream stream;
    private final BlockingQueue<Event<Q>> events = new ArrayBlockingQueue<>(EVENTS_MAX);
    private @Nullable Event<Q> next;
    private boolean isAsked;
    private boolean isAtEnd;

    Inbox(ServerCallStreamObserver<?> call, ServedStream stream) {
        this.call = call;
        this.stream = stream;
    }

    private record Event<Q>(@Nullable Q message) {}

    /** The next message; null when the client has ended its half. */
    public @Nullable Q take() throws InterruptedException {
        if (isAtEnd) {
            return null;
        }
        ask();
        Q message = (next == null ? events.take() : next).message();
        next = null;
        isAsked = false;
        stream.check();
        isAtEnd = message == null;
        return message;
    }

    /** Waits for the next message, or the end, which {@link #take} then returns at once. @return false: the time is up */
    public boolean await(Duration timeout) throws InterruptedException {
        if (isAtEnd || next != null) {
            return true;
        }
        ask();
        next = events.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
        return next != null;
    }

    private void ask() {
        if (!isAsked) {
            isAsked = true;
            call.request(1);
        }
    }

    @Override
    public void onNext(Q message) {
        events.offer(new Event<>(message));
    }

    @Override
    public void onCompleted() {
        events.offer(new Event<>(null));
    }

    @Override
    public void onError(Throwable cause) {
        stream.clientLeft();
    }

    void close() {
        events.offer(new Event<>(null));
    }
}
