package io.tailrace.client;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * One streaming call, used by a thread that blocks. Messages are asked for only when as many were taken, so that at most
 * {@link #WINDOW_MESSAGES} wait here; the rest waits in HTTP/2's window, and behind that on the server's disk. Sending
 * waits until the transport has room.
 *
 * <p>One thread takes, one sends; any thread may cancel.
 */
final class BlockingCall<Q, S> extends ClientCall.Listener<S> {
    private static final int WINDOW_MESSAGES = 16;

    /** Each time that more is asked for wakes the transport's thread. */
    private static final int ASKED_AT_ONCE = WINDOW_MESSAGES / 2;

    private final ClientCall<Q, S> call;
    /** Messages and, last, an {@link End}. Bounded by what is asked for. */
    private final LinkedBlockingQueue<Object> arrived = new LinkedBlockingQueue<>();
    /** A permit for each time that the transport got room, or the call ended. */
    private final Semaphore ready = new Semaphore(0);

    private volatile boolean isEnded;

    /** Messages for which no other was asked for yet. For the thread that takes. */
    private int taken;

    /** How the call ended. */
    record End(Status status, Metadata trailers) {}

    private BlockingCall(ClientCall<Q, S> call) {
        this.call = call;
    }

    /** A call that begins with a request, and perhaps sends more. */
    static <Q, S> BlockingCall<Q, S> open(Connection connection, MethodDescriptor<Q, S> method, Q request) {
        ClientCall<Q, S> call = connection.open(method);
        var opened = new BlockingCall<>(call);
        call.start(opened, new Metadata());
        call.request(WINDOW_MESSAGES);
        call.sendMessage(request);
        if (method.getType() == MethodDescriptor.MethodType.SERVER_STREAMING) {
            call.halfClose();
        }
        return opened;
    }

    @Override
    public void onMessage(S message) {
        arrived.add(message);
    }

    @Override
    public void onReady() {
        ready.release();
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        isEnded = true;
        arrived.add(new End(status, trailers));
        ready.release();
    }

    /** The next message, or the {@link End}; blocks. */
    Object take() throws InterruptedException {
        var next = arrived.take();
        if (!(next instanceof End) && ++taken == ASKED_AT_ONCE) {
            call.request(taken);
            taken = 0;
        }
        return next;
    }

    /** Sends when there is room; false if the call has ended, which {@link #take} explains. */
    boolean send(Q message) throws InterruptedException {
        while (!call.isReady() && !isEnded) {
            ready.acquire();
        }
        if (isEnded) {
            return false;
        }
        call.sendMessage(message);
        return true;
    }

    /** Says that nothing more is sent. */
    void halfClose() {
        if (!isEnded) {
            call.halfClose();
        }
    }

    void cancel(@Nullable String reason) {
        call.cancel(reason, null);
    }
}
