package io.tailrace.cli;

import io.tailrace.client.Container;
import picocli.CommandLine.Command;

/** {@code tailrace resume}. */
@Command(
        name = "resume",
        header = "Thaw containers.",
        footer = {"", "Example:", "  tailrace resume web"})
final class ResumeCommand extends ContainersVerb {
    @Override
    void apply(Container container) {
        container.resume();
    }
}
