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

    @Option(
            names = {"-v", "--volumes"},
            description = "Also the volumes of their own, which have no name.")
    private boolean hasVolumes;

    @Override
    void apply(Container container) {
        container.remove(isForced, hasVolumes);
    }
}
