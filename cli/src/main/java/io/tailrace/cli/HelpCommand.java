package io.tailrace.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tailrace help VERB}: as {@code tailrace VERB --help}. */
@Command(name = "help", description = "Show the help of a verb.")
final class HelpCommand extends Verb {
    @Parameters(paramLabel = "VERB", arity = "0..*", description = "Whose help to show.")
    private List<String> verb = new ArrayList<>();

    @Override
    public Integer call() {
        if (verb.isEmpty()) {
            return Main.run(streams(), "--help");
        }
        var arguments = new ArrayList<>(verb);
        arguments.add("--help");
        return Main.run(streams(), arguments.toArray(String[]::new));
    }
}
