package io.tailrace.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tailrace.client.StandardStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/** Watches as a browser would: server-sent events, each with a record as JSON. */
final class DemoEventsWatcher extends DemoWatcher {
    private static final String EVENT = "event: ";
    private static final String DATA = "data: ";

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient client;
    private final URI container;
    private final String token;

    DemoEventsWatcher(String name, HttpClient client, URI container, String token) {
        super(name, "HTTP, events");
        this.client = client;
        this.container = container;
        this.token = token;
    }

    @Override
    void watch() throws IOException, InterruptedException {
        note("from the start");
        var request = HttpRequest.newBuilder(container.resolve(container.getPath() + "/timeline"))
                .header("authorization", "Bearer " + token)
                .header("accept", "text/event-stream")
                .build();
        var response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            throw new IOException("HTTP status %d (expected: 200)".formatted(response.statusCode()));
        }
        var event = "";
        try (var body = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            for (var line = body.readLine(); line != null; line = body.readLine()) {
                if (line.startsWith(EVENT)) {
                    event = line.substring(EVENT.length());
                } else if (line.startsWith(DATA)) {
                    event(event, line.substring(DATA.length()));
                }
            }
        }
        if (exitCode() == null) {
            throw new IOException("the events ended without the exit");
        }
    }

    private void event(String event, String data) throws IOException {
        switch (event) {
            case "output" -> {
                var record = json.readTree(data);
                var bytes = record.path("data").binaryValue();
                var stream =
                        record.path("stream").asText().equals("stderr") ? StandardStream.STDERR : StandardStream.STDOUT;
                output(stream, bytes, bytes.length);
            }
            case "exit" -> exited(json.readTree(data).path("exitCode").asInt());
            default -> {}
        }
    }
}
