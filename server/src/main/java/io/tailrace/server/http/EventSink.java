package io.tailrace.server.http;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import io.tailrace.engine.Cursor;
import io.tailrace.server.stream.HttpStream;
import io.tailrace.server.stream.Pump;

/** Records into a response of server-sent events, a batch of them at a time. */
final class EventSink<R> implements Pump.Sink<R> {
    private static final int RETRY_MILLIS = 1_000;

    private static final ResponseHeaders HEADERS = ResponseHeaders.builder(HttpStatus.OK)
            .contentType(MediaType.EVENT_STREAM)
            .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
            // For proxies that gather responses before they pass them on.
            .set("x-accel-buffering", "no")
            .build();

    private final HttpStream stream;
    private final EventText text = new EventText();
    private final Writer<R> writer;

    /** A sink of a response. @param writer how a record becomes an event; false if it is not wanted */
    EventSink(HttpStream stream, Writer<R> writer) {
        this.stream = stream;
        this.writer = writer;
    }

    /** How a record becomes an event. */
    @FunctionalInterface
    interface Writer<R> {
        /** Writes it. */
        void write(EventText text, R record, Cursor cursor);
    }

    /** Begins the response. */
    void begin() {
        stream.begin(HEADERS);
        text.retry(RETRY_MILLIS);
    }

    @Override
    public int accept(R record, Cursor cursor) {
        int before = text.length();
        writer.write(text, record, cursor);
        return text.length() - before;
    }

    @Override
    public void idle(Cursor cursor) {
        text.comment(cursor.text());
    }

    @Override
    public void flush() {
        if (text.length() > 0) {
            stream.write(text.take());
        }
    }
}
