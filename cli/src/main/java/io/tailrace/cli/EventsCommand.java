package io.tailrace.cli;

import io.tailrace.client.FeedOptions;
import io.tailrace.client.FeedRecord;
import io.tailrace.client.TimelineRecord;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace events}. */
@Command(
        name = "events",
        header = "Follow what happens to all containers, or to one: each event once, over lost connections as well.",
        footer = {
            "",
            "Examples:",
            "  tailrace events",
            "  tailrace events --since start --json | jq -r 'select(.event==\"exited\").containerName'",
            "  tailrace events --since \"$CURSOR\"          go on behind an event, by its cursor in --json"
        })
final class EventsCommand extends Verb {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS").withZone(ZoneId.systemDefault());
    private static final int EVENT_WIDTH = 9;
    private static final String ALERT = "alert";

    @Option(names = "--since", paramLabel = "CURSOR", description = "start, or an event's cursor (default: now).")
    private @Nullable String since;

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean isJson;

    @Option(names = "--max", hidden = true, description = "End after so many events.")
    private long eventsMax = Long.MAX_VALUE;

    @Parameters(arity = "0..1", paramLabel = "CONTAINER", description = "Only this one.")
    private @Nullable String container;

    @Override
    public Integer call() {
        var options = new FeedOptions();
        if (container != null) {
            options.container(container);
        }
        if (since != null) {
            if (since.equals("start")) {
                options.fromStart();
            } else {
                options.after(since);
            }
        }
        var style = new Style(streams().isOutputTerminal());
        try (var tailrace = connect();
                var feed = tailrace.feed(options)) {
            for (long shown = 0; shown < eventsMax; shown++) {
                var record = feed.next();
                streams().println(isJson ? Json.line(fields(record)) : line(record, style));
            }
        }
        return ExitCodes.OK;
    }

    private static Map<String, Object> fields(FeedRecord record) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("sequence", record.sequence());
        fields.put("cursor", record.cursor());
        fields.put("time", record.time());
        fields.put("event", record.event());
        fields.put("containerId", record.containerId());
        fields.put("containerName", record.containerName());
        fields.put("execId", record.execId());
        if (record.record() != null) {
            fields.put("record", RecordLines.fields(record.record()));
        }
        return fields;
    }

    private static String line(FeedRecord record, Style style) {
        var event = record.event()
                + " ".repeat(Math.max(1, EVENT_WIDTH - record.event().length()));
        var coloured = switch (record.event()) {
            case "running", "resumed" -> style.green(event);
            case "exited", "draining" -> style.yellow(event);
            case "gap" -> style.red(event);
            case ALERT -> isRaised(record) ? style.red(event) : style.green(event);
            default -> event;
        };
        return "%s  %s  %s%s  %s%s"
                .formatted(
                        // What stands for events that are gone has no time.
                        style.faint(record.time().equals(Instant.EPOCH) ? "-" : TIME.format(record.time())),
                        Words.shortId(record.containerId()),
                        coloured,
                        record.containerName(),
                        record.execId().isEmpty() ? "" : "exec " + record.execId() + "  ",
                        style.faint(detail(record)));
    }

    private static boolean isRaised(FeedRecord record) {
        return record.record() instanceof TimelineRecord.State state
                && state.attributes().getOrDefault(ALERT, "").equals("raised");
    }

    private static String alert(Map<String, String> attributes) {
        return "%s %s: %s, the threshold is %s"
                .formatted(
                        attributes.getOrDefault("resource", ""),
                        attributes.getOrDefault(ALERT, ""),
                        attributes.getOrDefault("value", ""),
                        attributes.getOrDefault("threshold", ""));
    }

    private static String detail(FeedRecord record) {
        return switch (record.record()) {
            case TimelineRecord.Exit exit ->
                "code %d, %s, %s of stdout, %s of stderr"
                        .formatted(
                                exit.status().exitCode(),
                                exit.status().reason().words(),
                                Words.bytes(exit.status().stdoutLength()),
                                Words.bytes(exit.status().stderrLength()));
            case TimelineRecord.Health health -> health.status();
            case TimelineRecord.State state when record.event().equals(ALERT) -> alert(state.attributes());
            case TimelineRecord.Gap gap -> "events up to %d are gone (%s)".formatted(gap.lastSequence(), gap.reason());
            case null, default -> "";
        };
    }
}
