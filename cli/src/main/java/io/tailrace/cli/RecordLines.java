package io.tailrace.cli;

import io.tailrace.client.TimelineRecord;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Records as JSON, one object a line: bytes as base64 in {@code data}, and what of them is UTF-8 in {@code text}. */
final class RecordLines implements RecordSink {
    private final StandardStreams streams;

    RecordLines(StandardStreams streams) {
        this.streams = streams;
    }

    @Override
    public void accept(TimelineRecord record) {
        streams.println(Json.line(fields(record)));
    }

    static Map<String, Object> fields(TimelineRecord record) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("sequence", record.sequence());
        fields.put("timestamp", record.timestamp());
        fields.put("cursor", record.cursor());
        fields.put("kind", record.getClass().getSimpleName().toLowerCase(Locale.ROOT));
        switch (record) {
            case TimelineRecord.Output output -> {
                fields.put("stream", output.stream().name().toLowerCase(Locale.ROOT));
                fields.put("offset", output.offset());
                fields.put("length", output.length());
                fields.put("text", output.text());
                fields.put("data", Base64.getEncoder().encodeToString(output.bytes()));
            }
            case TimelineRecord.State state -> {
                fields.put("state", state.state());
                fields.put("attributes", state.attributes());
            }
            case TimelineRecord.Health health -> {
                fields.put("status", health.status());
                fields.put("exitCode", health.exitCode());
                fields.put("durationNanos", health.durationNanos());
                fields.put("output", health.output());
            }
            case TimelineRecord.Message message -> {
                fields.put("topic", message.topic());
                var bytes = new byte[message.data().remaining()];
                message.data().get(bytes);
                fields.put("data", Base64.getEncoder().encodeToString(bytes));
            }
            case TimelineRecord.Gap gap -> {
                fields.put("lastSequence", gap.lastSequence());
                fields.put("reason", gap.reason());
                fields.put("stdoutFrom", gap.stdoutFrom());
                fields.put("stdoutTo", gap.stdoutTo());
                fields.put("stderrFrom", gap.stderrFrom());
                fields.put("stderrTo", gap.stderrTo());
            }
            case TimelineRecord.Exit exit -> fields.put("status", exit.status());
        }
        return fields;
    }
}
