package io.tailrace.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;

/** An HTTP download, as curl does it. */
final class Download {
    private Download() {}

    /** Reads a whole response. @return bytes of its body */
    static long drain(URI address) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
            throw new BenchException(address + ": status " + connection.getResponseCode() + " (expected: 200)");
        }
        try (InputStream body = connection.getInputStream()) {
            return Stopwatch.drain(body);
        }
    }
}
