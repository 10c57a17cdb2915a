package io.tailrace.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** An HTTP download, as curl does it. */
final class Download {
    private static final int READ_TIMEOUT_MILLIS = 60_000;

    private Download() {}

    /** Reads a whole response. @return bytes of its body */
    static long drain(URI address) throws IOException {
        try (InputStream body = open(address)) {
            return Stopwatch.drain(body);
        }
    }

    /** Reads a whole response, which is text. */
    static String text(URI address) throws IOException {
        try (InputStream body = open(address)) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static InputStream open(URI address) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
        connection.setReadTimeout(READ_TIMEOUT_MILLIS);
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
            throw new BenchException(address + ": status " + connection.getResponseCode() + " (expected: 200)");
        }
        return connection.getInputStream();
    }
}
