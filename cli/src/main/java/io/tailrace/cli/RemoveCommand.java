package io.tailrace.cli;

import io.tailrace.client.Container;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace rm}. */
@Command(
        name = "rm",
        header = "Remove containers; what they wrote stays readable for the server's retention period.",
        footer = {"", "Examples:", "  tailrace rm job", "  tailrace rm -f $(tailrace ps -aq)"})
final class RemoveCommand extends ContainersVerb {
    @Option(
            names = {"-f", "--force"},
            description = "Kill those that run.")
    private boolean isForced;

    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-v", "--volumes"},
            hidden = true,
            description = "For docker's sake: there are no volumes to remove.")
    private boolean isIgnored;

    @Override
    void apply(Container container) {
        container.remove(isForced);
    }
}
