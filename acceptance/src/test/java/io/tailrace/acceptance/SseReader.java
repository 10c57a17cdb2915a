package io.tailrace.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.tailrace.api.v1.Exit;
import io.tailrace.api.v1.ExitReason;
import io.tailrace.api.v1.Output;
import io.tailrace.api.v1.Record;
import io.tailrace.api.v1.StandardStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads server-sent events as a browser's EventSource would. Used by one thread. */
final class SseReader implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final BufferedReader in;

    SseReader(InputStream in) {
        this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8), 1 << 16);
    }

    /** Follows a container's timeline from its start to its exit. */
    static Followed follow(Http http, String container) throws IOException {
        Followed followed = new Followed();
        try (SseReader events = new SseReader(http.stream("/v1/containers/" + container + "/timeline"))) {
            events.readInto(followed);
        }
        return followed;
    }

    /** Hands records on until the stream ends. */
    void readInto(Consumer<Record> target) throws IOException {
        for (Event event = next(); event != null; event = next()) {
            target.accept(event.record());
        }
    }

    /** The next event that has data; null at the end of the stream. */
    @Nullable Event next() throws IOException {
        StringBuilder block = new StringBuilder();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (!line.isEmpty()) {
                block.append(line).append('\n');
                continue;
            }
            Event event = Event.parse(block.toString());
            block.setLength(0);
            if (event != null) {
                return event;
            }
        }
        return null;
    }

    private static String value(String line) {
        String value = line.substring(line.indexOf(':') + 1);
        return value.startsWith(" ") ? value.substring(1) : value;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** One event. */
    record Event(String id, String type, String data) {
        /** The event of some lines between two empty ones; null if it has no data. */
        static @Nullable Event parse(String block) {
            String id = "";
            String type = "message";
            StringBuilder data = new StringBuilder();
            for (String line : (Iterable<String>) block.lines()::iterator) {
                if (line.startsWith("id:")) {
                    id = value(line);
                } else if (line.startsWith("event:")) {
                    type = value(line);
                } else if (line.startsWith("data:")) {
                    data.append(value(line));
                }
            }
            return data.isEmpty() ? null : new Event(id, type, data.toString());
        }

        JsonNode json() {
            try {
                return JSON.readTree(data);
            } catch (IOException e) {
                throw new AssertionError("not JSON: " + data, e);
            }
        }

        /** The timeline's record in it. */
        Record record() {
            JsonNode json = json();
            Instant time = Instant.parse(json.path("time").asText());
            Record.Builder record = Record.newBuilder()
                    .setSequence(json.path("sequence").asLong())
                    .setCursor(id)
                    .setTimestampNanos(TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano());
            switch (type) {
                case "output" -> record.setOutput(output(json));
                case "state" ->
                    record.getStateBuilder().setState(json.path("state").asText());
                case "exit" -> record.setExit(exit(json));
                default -> throw new AssertionError("an event of type " + type + ": " + data);
            }
            return record.build();
        }

        private static Output output(JsonNode json) {
            try {
                return Output.newBuilder()
                        .setStream(StandardStream.valueOf("STANDARD_STREAM_"
                                + json.path("stream").asText().toUpperCase(Locale.ROOT)))
                        .setOffset(json.path("offset").asLong())
                        .setData(ByteString.copyFrom(json.path("data").binaryValue()))
                        .build();
            } catch (IOException e) {
                throw new AssertionError("not base64: " + json, e);
            }
        }

        private static Exit exit(JsonNode json) {
            return Exit.newBuilder()
                    .setReason(ExitReason.valueOf(
                            "EXIT_REASON_" + json.path("reason").asText().toUpperCase(Locale.ROOT)))
                    .setExitCode(json.path("exitCode").asInt())
                    .setSignal(json.path("signal").asInt())
                    .setStdoutLength(json.path("stdoutLength").asLong())
                    .setStdoutCrc32((int) json.path("stdoutCrc32").asLong())
                    .setStderrLength(json.path("stderrLength").asLong())
                    .setStderrCrc32((int) json.path("stderrCrc32").asLong())
                    .build();
        }
    }
}
