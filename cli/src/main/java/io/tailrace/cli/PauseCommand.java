package io.tailrace.cli;

import io.tailrace.client.Container;
import picocli.CommandLine.Command;

/** {@code tailrace pause}. */
@Command(
        name = "pause",
        header = "Freeze containers: their processes stand still, their output stays.",
        footer = {"", "Example:", "  tailrace pause web"})
final class PauseCommand extends ContainersVerb {
    @Override
    void apply(Container container) {
        container.pause();
    }
}
