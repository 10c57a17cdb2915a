package io.tailrace.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace network prune}. */
@Command(
        name = "prune",
        header = "Remove the networks that no container is to be attached to, and print their names.",
        footer = {"", "Examples:", "  tailrace network prune", "  tailrace network prune --filter until=24h"})
final class NetworkPruneCommand extends Verb {
    private static final String UNTIL = "until=";

    @Option(
            names = "--filter",
            paramLabel = "KEY=VALUE",
            description = "label=NAME[=VALUE], or until=TIME for those made before then or so long ago; all must hold.")
    private List<String> filters = new ArrayList<>();

    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-f", "--force"},
            hidden = true,
            description = "For docker's sake: nobody is asked anyway.")
    private boolean isIgnored;

    @Option(names = "--json", description = "The names, as JSON.")
    private boolean isJson;

    @Override
    public Integer call() {
        List<String> ofLabels = new ArrayList<>();
        Instant until = null;
        for (var filter : filters) {
            if (filter.startsWith(UNTIL)) {
                until = Moments.parse("until", filter.substring(UNTIL.length()), Instant.now());
            } else {
                ofLabels.add(filter);
            }
        }
        var labels = LabelFlags.parseFilters(ofLabels);
        List<String> pruned;
        try (var session = ServerSession.open(tool())) {
            pruned = session.tailrace().networks().prune(until, labels);
        }
        if (isJson) {
            streams().println(Json.pretty(pruned));
        } else {
            pruned.forEach(streams()::println);
        }
        return ExitCodes.OK;
    }
}
