package io.tailrace.server.stream;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpObject;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.stream.ClosedStreamException;
import io.tailrace.server.errors.Failure;
import io.tailrace.server.errors.HttpErrors;
import java.util.concurrent.atomic.AtomicLong;

/** A streamed HTTP response. Gated by what the connection has not yet taken. */
public final class HttpStream extends ServedStream {
    private final HttpResponseWriter response = HttpResponse.streaming();
    private final AtomicLong inFlightBytes = new AtomicLong();
    private boolean hasBegun;

    /** A response of which nothing is written yet. */
    public HttpStream() {
        response.whenComplete().handle((done, cause) -> {
            clientLeft();
            return null;
        });
    }

    /** The response, for the service to return. */
    public HttpResponse response() {
        return response;
    }

    /** Begins it. */
    public void begin(ResponseHeaders headers) {
        hasBegun = true;
        put(headers);
    }

    /** Writes bytes. Does not wait: call {@link #awaitReady} before. */
    public void write(HttpData data) {
        long length = data.length();
        inFlightBytes.addAndGet(length);
        if (put(data)) {
            response.whenConsumed().thenRun(() -> {
                inFlightBytes.addAndGet(-length);
                readinessChanged();
            });
        }
    }

    /** Ends it well. */
    public void complete() {
        response.close();
    }

    /** Ends it well, with trailers. */
    public void complete(HttpHeaders trailers) {
        put(trailers);
        response.close();
    }

    /** Answers with a whole response instead. */
    public void answer(AggregatedHttpResponse whole) {
        hasBegun = true;
        put(whole.headers());
        if (!whole.content().isEmpty()) {
            put(whole.content());
        }
        response.close();
    }

    private boolean put(HttpObject part) {
        boolean isTaken = response.tryWrite(part);
        if (!isTaken) {
            clientLeft();
        }
        return isTaken;
    }

    @Override
    protected boolean isReady() {
        return inFlightBytes.get() < shareBytes();
    }

    /** An error response if nothing was written yet; else the stream is cut: no last chunk, or RST_STREAM. */
    @Override
    protected void fail(Throwable cause) {
        if (hasBegun) {
            // Of all causes this one resets the stream quietly.
            response.close(ClosedStreamException.get());
        } else {
            answer(HttpErrors.of(Failure.of(cause)));
        }
    }
}
