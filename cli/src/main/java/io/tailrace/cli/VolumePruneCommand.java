package io.tailrace.cli;

import io.tailrace.client.PrunedVolumes;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace volume prune}. */
@Command(
        name = "prune",
        header = "Remove the volumes that no container has: those that containers which named none have left.",
        footer = {"", "Examples:", "  tailrace volume prune", "  tailrace volume prune --all --filter label=app=test"})
final class VolumePruneCommand extends Verb {
    @Option(
            names = {"-a", "--all"},
            description = "Also those that have a name.")
    private boolean isAll;

    @Option(
            names = "--filter",
            paramLabel = "label=NAME[=VALUE]",
            description = "Only those with this label; all must hold.")
    private List<String> filters = new ArrayList<>();

    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-f", "--force"},
            hidden = true,
            description = "For docker's sake: nobody is asked anyway.")
    private boolean isIgnored;

    @Option(names = "--json", description = "What was removed and how many bytes that has freed, as JSON.")
    private boolean isJson;

    @Override
    public Integer call() {
        var labels = LabelFlags.parseFilters(filters);
        PrunedVolumes pruned;
        try (var session = ServerSession.open(tool())) {
            pruned = session.tailrace().volumes().prune(isAll, labels);
        }
        if (isJson) {
            streams().println(Json.pretty(pruned));
        } else {
            pruned.volumes().forEach(streams()::println);
            streams().println("Reclaimed " + Words.bytes(pruned.reclaimedBytes()));
        }
        return ExitCodes.OK;
    }
}
