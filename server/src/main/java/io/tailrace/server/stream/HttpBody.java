package io.tailrace.server.stream;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpObject;
import com.linecorp.armeria.common.HttpRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * The body of a request that is streamed: the next part is asked for when this one has been read, so that a client which sends
 * faster is held back by its connection. Read by one thread.
 */
public final class HttpBody extends InputStream implements Subscriber<HttpObject> {
    /** The one part that was asked for, the end, and the closing. */
    private static final int PARTS_MAX = 3;

    private static final Part END = new Part(HttpData.empty(), null, true);

    private final ServedStream stream;
    private final BlockingQueue<Part> parts = new ArrayBlockingQueue<>(PARTS_MAX);
    private final CompletableFuture<Subscription> subscription = new CompletableFuture<>();

    private boolean isAtEnd;
    private byte[] current = new byte[0];
    private int position;

    private record Part(HttpData data, @Nullable Throwable failure, boolean isEnd) {}

    private HttpBody(ServedStream stream) {
        this.stream = stream;
    }

    /** The body of a request whose answer is this stream. */
    public static HttpBody of(HttpRequest request, ServedStream stream) {
        HttpBody body = new HttpBody(stream);
        request.subscribe(body);
        stream.atEnd(body::abort);
        return body;
    }

    @Override
    public int read() throws IOException {
        return fill() ? current[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, current.length - position);
        System.arraycopy(current, position, target, offset, count);
        position += count;
        return count;
    }

    /** Whether there is a byte to read. */
    private boolean fill() throws IOException {
        while (!isAtEnd && position == current.length) {
            Part part;
            try {
                subscription.get().request(1);
                part = parts.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for the body");
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
            stream.check();
            if (part.failure() != null) {
                throw new IOException("the body broke off", part.failure());
            }
            isAtEnd = part.isEnd();
            current = part.data().array();
            position = 0;
        }
        return !isAtEnd;
    }

    private void abort() {
        subscription.thenAccept(Subscription::cancel);
        parts.offer(END);
    }

    @Override
    public void onSubscribe(Subscription added) {
        subscription.complete(added);
    }

    @Override
    public void onNext(HttpObject part) {
        // Trailers say nothing here.
        parts.offer(new Part(part instanceof HttpData data ? data : HttpData.empty(), null, false));
    }

    @Override
    public void onError(Throwable failure) {
        parts.offer(new Part(HttpData.empty(), failure, false));
    }

    @Override
    public void onComplete() {
        parts.offer(END);
    }
}
