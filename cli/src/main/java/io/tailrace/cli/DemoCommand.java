package io.tailrace.cli;

import picocli.CommandLine.Command;

/** {@code tailrace demo}. */
@Command(name = "demo", header = "Show what Tailrace does, in half a minute.")
final class DemoCommand extends Verb {
    @Override
    public Integer call() {
        return ExitCodes.OK;
    }
}
