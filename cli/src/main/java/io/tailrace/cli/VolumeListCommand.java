package io.tailrace.cli;

import io.tailrace.client.Volume;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace volume ls}. */
@Command(
        name = "ls",
        aliases = "list",
        header = "List volumes.",
        footer = {"", "Example:", "  tailrace volume ls --filter label=app=web -q"})
final class VolumeListCommand extends Verb {
    @Option(
            names = {"-q", "--quiet"},
            description = "Names only.")
    private boolean isQuiet;

    @Option(
            names = {"-f", "--filter"},
            paramLabel = "label=NAME[=VALUE]",
            description = "Only those with this label; all must hold.")
    private List<String> filters = new ArrayList<>();

    @Option(names = "--json", description = "Everything about each, as JSON.")
    private boolean isJson;

    @Override
    public Integer call() {
        var labels = LabelFlags.parseFilters(filters);
        List<Volume> volumes;
        try (var session = ServerSession.open(tool())) {
            volumes = session.tailrace().volumes().list(labels);
        }
        if (isJson) {
            streams().println(Json.pretty(volumes));
        } else if (isQuiet) {
            volumes.forEach(volume -> streams().println(volume.name()));
        } else {
            streams().print(table(volumes));
        }
        return ExitCodes.OK;
    }

    private static String table(List<Volume> volumes) {
        var now = Instant.now();
        var table = new Table("VOLUME", "CREATED", "KIND", "LABELS");
        for (var volume : volumes) {
            table.row(
                    volume.name(),
                    Words.age(Duration.between(volume.createdAt(), now)) + " ago",
                    volume.isAnonymous() ? "anonymous" : "named",
                    volume.labels().entrySet().stream()
                            .map(label -> label.getKey() + "=" + label.getValue())
                            .sorted()
                            .collect(Collectors.joining(",")));
        }
        return table.toString();
    }
}
