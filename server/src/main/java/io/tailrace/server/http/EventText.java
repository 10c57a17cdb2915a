package io.tailrace.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.common.HttpData;
import io.tailrace.engine.Cursor;
import io.tailrace.engine.FeedRecord;
import io.tailrace.log.TimelineRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/**
 * Server-sent events (WHATWG HTML, "Server-sent events") as bytes: {@code id} is the cursor behind the record,
 * {@code event} its kind, {@code data} one line of JSON. Used by one thread.
 */
final class EventText {
    private static final JsonFactory JSON = new JsonFactory();
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** A line that is no event: tells clients after how long to connect again when they were cut off. */
    void retry(int millis) {
        text("retry: " + millis + "\n\n");
    }

    /** A comment, which clients ignore: a sign of life. It carries the place so far for people who read along. */
    void comment(String comment) {
        text(": " + comment + "\n\n");
    }

    /** A timeline's record. */
    void record(TimelineRecord record, Cursor cursor) {
        event(cursor, kind(record), generator -> fields(record, generator));
    }

    /** A record of the feed. */
    void record(FeedRecord record, Cursor cursor) {
        event(cursor, record.event(), generator -> {
            generator.writeNumberField("feedSequence", record.sequence());
            generator.writeStringField("container", record.containerId());
            generator.writeStringField("containerName", record.containerName());
            generator.writeStringField("exec", record.execId());
            fields(record.record(), generator);
        });
    }

    /** How many bytes wait to be taken. */
    int length() {
        return bytes.size();
    }

    /** Takes what was written so far. */
    HttpData take() {
        HttpData data = HttpData.wrap(bytes.toByteArray());
        bytes.reset();
        return data;
    }

    @FunctionalInterface
    private interface Fields {
        void write(JsonGenerator generator) throws IOException;
    }

    private void event(Cursor cursor, String event, Fields fields) {
        text("id: " + cursor.text() + "\nevent: " + event + "\ndata: ");
        try (JsonGenerator generator = JSON.createGenerator(bytes)) {
            generator.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            generator.writeStartObject();
            fields.write(generator);
            generator.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        text("\n\n");
    }

    private static String kind(TimelineRecord record) {
        return switch (record) {
            case TimelineRecord.Output output -> "output";
            case TimelineRecord.State state -> "state";
            case TimelineRecord.Health health -> "health";
            case TimelineRecord.Message message -> "message";
            case TimelineRecord.Gap gap -> "gap";
            case TimelineRecord.Exit exit -> "exit";
        };
    }

    private static void fields(TimelineRecord record, JsonGenerator json) throws IOException {
        json.writeNumberField("sequence", record.sequence());
        json.writeStringField("time", time(record.timestampNanos()));
        switch (record) {
            case TimelineRecord.Output output -> {
                json.writeStringField("stream", output.stream().name().toLowerCase(Locale.ROOT));
                json.writeNumberField("offset", output.offset());
                bytes(json, "data", output.data());
            }
            case TimelineRecord.State state -> {
                json.writeStringField("state", state.state());
                json.writeObjectFieldStart("attributes");
                for (Map.Entry<String, String> attribute : state.attributes().entrySet()) {
                    json.writeStringField(attribute.getKey(), attribute.getValue());
                }
                json.writeEndObject();
            }
            case TimelineRecord.Health health -> {
                json.writeStringField("status", health.status());
                json.writeNumberField("exitCode", health.exitCode());
                json.writeNumberField("durationNanos", health.durationNanos());
                bytes(json, "output", health.output());
            }
            case TimelineRecord.Message message -> {
                json.writeStringField("topic", message.topic());
                bytes(json, "data", message.data());
            }
            case TimelineRecord.Gap gap -> {
                json.writeNumberField("lastSequence", gap.lastSequence());
                json.writeStringField("reason", gap.reason());
                json.writeNumberField("stdoutFrom", gap.stdoutFrom());
                json.writeNumberField("stdoutTo", gap.stdoutTo());
                json.writeNumberField("stderrFrom", gap.stderrFrom());
                json.writeNumberField("stderrTo", gap.stderrTo());
            }
            case TimelineRecord.Exit exit -> {
                json.writeStringField("reason", exit.reason().name().toLowerCase(Locale.ROOT));
                json.writeNumberField("exitCode", exit.exitCode());
                json.writeNumberField("signal", exit.signal());
                json.writeNumberField("stdoutLength", exit.stdoutLength());
                json.writeNumberField("stdoutCrc32", exit.stdoutCrc32());
                json.writeNumberField("stderrLength", exit.stderrLength());
                json.writeNumberField("stderrCrc32", exit.stderrCrc32());
                json.writeStringField("message", exit.message());
            }
        }
    }

    /** Bytes as base64: they need not be text, and a chunk may end within a character. */
    private static void bytes(JsonGenerator json, String name, ByteBuffer data) throws IOException {
        byte[] content = new byte[data.remaining()];
        data.duplicate().get(content);
        json.writeBinaryField(name, content);
    }

    /** ISO 8601 with nanoseconds: as a number of nanoseconds it would not survive in a JSON reader's double. */
    private static String time(long nanosSinceEpoch) {
        return Instant.ofEpochSecond(
                        Math.floorDiv(nanosSinceEpoch, NANOS_PER_SECOND),
                        Math.floorMod(nanosSinceEpoch, NANOS_PER_SECOND))
                .toString();
    }

    private void text(String text) {
        bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }
}
