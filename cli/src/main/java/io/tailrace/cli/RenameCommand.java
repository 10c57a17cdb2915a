package io.tailrace.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tailrace rename}. */
@Command(
        name = "rename",
        header = "Give a container another name; its old one is free at once.",
        footer = {"", "Example:", "  tailrace rename web web-old"})
final class RenameCommand extends Verb {
    @Parameters(index = "0", paramLabel = "CONTAINER", description = "Id, prefix of one, or name.")
    private String container = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "The new name.")
    private String name = "";

    @Override
    public Integer call() {
        try (var tailrace = connect()) {
            tailrace.containers().get(container).rename(name);
        }
        return ExitCodes.OK;
    }
}
