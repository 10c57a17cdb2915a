package io.tailrace.acceptance;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;

/** An HTTP client of the server that brings its token. */
final class Http implements AutoCloseable {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);

    private final String address;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    Http(TailraceServerProcess server) {
        this(server.address());
    }

    /** @param address {@code host:port} */
    Http(String address) {
        this.address = address;
    }

    HttpResponse<String> get(String path) {
        return send(request(path), BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String json) {
        return send(
                request(path).header("content-type", "application/json").POST(BodyPublishers.ofString(json)),
                BodyHandlers.ofString());
    }

    HttpResponse<String> put(String path, Path body) throws FileNotFoundException {
        return send(request(path).PUT(BodyPublishers.ofFile(body)), BodyHandlers.ofString());
    }

    HttpResponse<String> delete(String path) {
        return send(request(path).DELETE(), BodyHandlers.ofString());
    }

    /** The body of an answer while it comes; fails unless the status is 200. */
    InputStream stream(String path, String... headers) {
        HttpRequest.Builder request = request(path);
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<InputStream> response = send(request, BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            throw new AssertionError(path + ": " + response.statusCode());
        }
        return response.body();
    }

    /** A request with the token. */
    HttpRequest.Builder request(String path) {
        return requestWithoutToken(path).header("authorization", "Bearer " + TailraceServerProcess.TOKEN);
    }

    HttpRequest.Builder requestWithoutToken(String path) {
        return HttpRequest.newBuilder(URI.create("http://" + address + path)).timeout(ANSWER_LIMIT);
    }

    <T> HttpResponse<T> send(HttpRequest.Builder request, BodyHandler<T> handler) {
        try {
            return client.send(request.build(), handler);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
