package io.tailrace.acceptance;

import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpObject;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** A reader by HTTP: of server-sent events, or of raw bytes. */
final class HttpFollower extends Follower implements Subscriber<HttpObject> {
    private final boolean isRaw;
    private final ByteArrayOutputStream event = new ByteArrayOutputStream();
    private volatile @Nullable Subscription subscription;
    private boolean isLineBegin;

    private HttpFollower(boolean isRaw, Arrivals arrivals, long bytesPerSecond, ScheduledExecutorService timer) {
        super(arrivals, bytesPerSecond, timer);
        this.isRaw = isRaw;
    }

    static Follower events(
            WebClient client,
            String container,
            Arrivals arrivals,
            long bytesPerSecond,
            ScheduledExecutorService timer) {
        return start(
                client.get("/v1/containers/" + container + "/timeline"),
                new HttpFollower(false, arrivals, bytesPerSecond, timer));
    }

    static Follower raw(
            WebClient client,
            String container,
            Arrivals arrivals,
            long bytesPerSecond,
            ScheduledExecutorService timer) {
        return start(
                client.get("/v1/containers/" + container + "/stdout?follow=true"),
                new HttpFollower(true, arrivals, bytesPerSecond, timer));
    }

    private static Follower start(HttpResponse response, HttpFollower follower) {
        response.subscribe(follower);
        return follower;
    }

    @Override
    public void onSubscribe(Subscription given) {
        subscription = given;
        given.request(1);
    }

    @Override
    void request() {
        Objects.requireNonNull(subscription).request(1);
    }

    @Override
    public void onNext(HttpObject part) {
        try {
            switch (part) {
                case ResponseHeaders headers -> requireOk(headers);
                case HttpHeaders trailers -> trailers(trailers);
                case HttpData data -> data(data.array());
                default -> throw new AssertionError("a part of a response: " + part);
            }
        } catch (AssertionError e) {
            fail(e);
        }
        took(part instanceof HttpData data ? data.length() : 0);
    }

    private static void requireOk(ResponseHeaders headers) {
        if (!headers.status().equals(HttpStatus.OK)) {
            throw new AssertionError("status: " + headers.status());
        }
    }

    private void trailers(HttpHeaders trailers) {
        arrivals()
                .end(
                        trailers.getLong("x-tailrace-length", -1),
                        HexFormat.fromHexDigitsToLong(trailers.get("x-tailrace-crc32", "0")));
    }

    private void data(byte[] bytes) {
        if (isRaw) {
            arrivals().raw(ByteBuffer.wrap(bytes));
            return;
        }
        int from = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n' && isLineBegin) {
                event.write(bytes, from, i - from);
                event(event.toString(StandardCharsets.UTF_8));
                event.reset();
                from = i + 1;
            }
            isLineBegin = bytes[i] == '\n';
        }
        event.write(bytes, from, bytes.length - from);
    }

    private void event(String block) {
        SseReader.Event parsed = SseReader.Event.parse(block);
        if (parsed != null) {
            arrivals().record(parsed.record());
        }
    }

    @Override
    public void onError(Throwable cause) {
        fail(cause);
    }

    @Override
    public void onComplete() {
        finish();
    }

    @Override
    public void close() {
        Subscription current = subscription;
        if (current != null) {
            current.cancel();
        }
    }
}
