package io.tailrace.cli;

import io.tailrace.client.StandardStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Watches as curl would: one plain response for each stream, which ends when the container does. */
final class DemoHttpWatcher extends DemoWatcher {
    private static final int BUFFER_BYTES = 65_536;

    private final HttpClient client;
    private final URI container;
    private final String token;

    DemoHttpWatcher(String name, HttpClient client, URI container, String token) {
        super(name, "HTTP, raw");
        this.client = client;
        this.container = container;
        this.token = token;
    }

    @Override
    void watch() throws IOException, InterruptedException {
        note("from the start");
        var other = new FutureTask<>(() -> {
            read(StandardStream.STDERR);
            return null;
        });
        Thread.ofVirtual().name("demo-stderr").start(other);
        read(StandardStream.STDOUT);
        try {
            other.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    private void read(StandardStream stream) throws IOException, InterruptedException {
        var path = container.getPath() + "/" + stream.name().toLowerCase(Locale.ROOT) + "?follow=true";
        var request = HttpRequest.newBuilder(container.resolve(path))
                .header("authorization", "Bearer " + token)
                .build();
        var response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException("HTTP status %d (expected: 200)".formatted(response.statusCode()));
            }
            var buffer = new byte[BUFFER_BYTES];
            for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                output(stream, buffer, count);
            }
        }
    }
}
