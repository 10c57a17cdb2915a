package io.tailrace.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** Verbs that the launcher script of a source tree takes itself; they come here only without it. */
abstract sealed class LauncherCommand extends Verb {
    @SuppressWarnings("UnusedVariable")
    @Unmatched
    private List<String> ignored = new ArrayList<>();

    private final String name;

    LauncherCommand(String name) {
        this.name = name;
    }

    @Override
    public Integer call() {
        throw new CliException(
                "%s is run by the launcher script".formatted(name),
                "call ./tailrace %s in a source tree".formatted(name));
    }

    @Command(name = "test", description = "Run all tests: a verb of the launcher script in a source tree.")
    static final class Test extends LauncherCommand {
        Test() {
            super("test");
        }
    }

    @Command(
            name = "bench",
            description = "Run the measured comparisons: a verb of the launcher script in a source tree.")
    static final class Bench extends LauncherCommand {
        Bench() {
            super("bench");
        }
    }
}
