package io.tailrace.cli;

import io.tailrace.client.Container;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace kill}. */
@Command(
        name = "kill",
        header = "Send containers a signal.",
        footer = {"", "Examples:", "  tailrace kill web", "  tailrace kill -s HUP web"})
final class KillCommand extends ContainersVerb {
    @Option(
            names = {"-s", "--signal"},
            paramLabel = "SIGNAL",
            description = "Name with or without SIG, or number (default: KILL).")
    private String signal = "KILL";

    @Override
    void apply(Container container) {
        container.kill(signal);
    }
}
