package io.tailrace.cli;

import io.tailrace.client.Pruned;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tailrace image prune}. */
@Command(
        name = "prune",
        header = "Remove images without a name that no container was made of.",
        footer = {"", "Examples:", "  tailrace image prune", "  tailrace image prune -a -f --filter until=24h"})
final class ImagePruneCommand extends Verb {
    @Option(
            names = {"-a", "--all"},
            description = "Also those that have a name.")
    private boolean isAll;

    @Mixin
    private PruneFlags flags = new PruneFlags();

    @Override
    public Integer call() {
        var options = flags.options();
        var what = isAll ? "all images" : "all images without a name";
        if (!flags.isAllowed(streams(), what + " that no container was made of")) {
            return ExitCodes.OK;
        }
        Pruned pruned;
        try (var session = ServerSession.open(tool())) {
            pruned = session.tailrace().images().prune(options, isAll);
        }
        streams().print(flags.isJson() ? Json.pretty(pruned) + "\n" : PruneCommand.text(pruned));
        return ExitCodes.OK;
    }
}
