package io.tailrace.cli;

import io.tailrace.client.Pruned;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tailrace prune}. */
@Command(
        name = "prune",
        header =
                "Remove containers that do not run; what they wrote to stdout and stderr stays for the retention period.",
        footer = {"", "Examples:", "  tailrace prune", "  tailrace prune -f --filter until=24h --filter label=app=web"})
final class PruneCommand extends Verb {
    @Mixin
    private PruneFlags flags = new PruneFlags();

    @Override
    public Integer call() {
        var options = flags.options();
        if (!flags.isAllowed(streams(), "all containers that do not run")) {
            return ExitCodes.OK;
        }
        Pruned pruned;
        try (var tailrace = connect()) {
            pruned = tailrace.containers().prune(options);
        }
        streams().print(flags.isJson() ? Json.pretty(pruned) + "\n" : text(pruned));
        return ExitCodes.OK;
    }

    static String text(Pruned pruned) {
        var text = new StringBuilder();
        pruned.ids().forEach(id -> text.append(id).append('\n'));
        return text.append("Reclaimed: ")
                .append(Words.bytes(pruned.reclaimedBytes()))
                .append('\n')
                .toString();
    }
}
