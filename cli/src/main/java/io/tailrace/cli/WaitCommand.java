package io.tailrace.cli;

import io.tailrace.client.Container;
import picocli.CommandLine.Command;

/** {@code tailrace wait}. */
@Command(
        name = "wait",
        header = "Wait until containers have exited, and print their exit codes.",
        footer = {"", "Example:", "  code=$(tailrace wait job)"})
final class WaitCommand extends ContainersVerb {
    @Override
    void apply(Container container) {
        streams().println(Integer.toString(container.waitFor().exitCode()));
    }

    @Override
    boolean isNamePrinted() {
        return false;
    }
}
