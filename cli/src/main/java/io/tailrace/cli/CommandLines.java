package io.tailrace.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The parser, set to read command lines as docker does. */
final class CommandLines {
    private static final Set<String> WITH_VALUE = Set.of("-H", "--host", "-c", "--context", "--token");

    private CommandLines() {}

    /** A parser that knows the verb that the arguments name; all verbs if they name none. */
    static CommandLine of(Tool tool, String... args) {
        var line = new CommandLine(tool);
        line.getCommandSpec().version("tailrace " + VersionCommand.ownVersion());
        line.addSubcommand("help", new HelpCommand());
        var verb = verb(args);
        for (var entry : Verbs.ALL) {
            if (verb.isEmpty() || verb.equals("help") || entry.isNamed(verb)) {
                var command = new CommandLine(entry.command().get());
                // As it was called here: `images` is also `image ls`.
                command.getCommandSpec().name(entry.name()).aliases();
                line.addSubcommand(entry.name(), command, entry.aliases().toArray(String[]::new));
            }
        }
        line.setOut(new PrintWriter(tool.streams().out(), true, StandardCharsets.UTF_8));
        // An argument that begins with @ is the container's business, as is a quote.
        line.setExpandAtFiles(false);
        line.setInterpolateVariables(false);
        line.setOverwrittenOptionsAllowed(true);
        line.setUsageHelpWidth(100);
        line.setUsageHelpAutoWidth(false);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setPosixClusteredShortOptionsAllowed(true);
        describe(line);
        for (var process : new String[] {"run", "create", "exec"}) {
            var command = line.getSubcommands().get(process);
            if (command != null) {
                command.setStopAtPositional(true);
            }
        }
        return line;
    }

    /** The help that all verbs share: what it does, how to call it, examples; options in the order of their declaration. */
    private static void describe(CommandLine line) {
        for (var verb : line.getSubcommands().values()) {
            verb.getCommandSpec()
                    .usageMessage()
                    .abbreviateSynopsis(true)
                    .sortOptions(false)
                    .synopsisHeading("%nUsage: ")
                    .parameterListHeading("%n")
                    .optionListHeading("%nOptions:%n")
                    .commandListHeading("%nVerbs:%n");
            describe(verb);
        }
    }

    /** Whether the help of the command itself is wanted. */
    static boolean isRootHelp(String... args) {
        return args.length == 1 && (args[0].equals("--help") || args[0].equals("-h") || args[0].equals("help"));
    }

    /** The first argument that is no global option; empty if there is none. */
    static String verb(String... args) {
        for (int i = 0; i < args.length; i++) {
            if (WITH_VALUE.contains(args[i])) {
                i++;
            } else if (!args[i].startsWith("-")) {
                return args[i];
            }
        }
        return "";
    }

    /** The server that is named in front of the verb. */
    static NamedServer server(String... args) {
        String host = null;
        String context = null;
        for (int i = 0; i < args.length && args[i].startsWith("-"); i++) {
            var option = args[i];
            if (WITH_VALUE.contains(option) && ++i < args.length) {
                switch (option) {
                    case "-H", "--host" -> host = args[i];
                    case "-c", "--context" -> context = args[i];
                    default -> {}
                }
            }
        }
        return new NamedServer(host, context);
    }

    /** What is wrong with a command line, in one sentence. */
    static String explain(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched) {
            var argument = unmatched.getUnmatched().getFirst();
            if (argument.startsWith("-")) {
                return "unknown option: %s".formatted(argument);
            }
            var command = e.getCommandLine();
            return command.getSubcommands().isEmpty()
                    ? "unexpected argument: \"%s\"".formatted(argument)
                    : "verb: \"%s\" (expected: one of those that '%s --help' lists)"
                            .formatted(argument, command.getCommandSpec().qualifiedName());
        }
        var message = String.valueOf(e.getMessage());
        return e instanceof MissingParameterException
                ? message.substring(0, 1).toLowerCase(java.util.Locale.ROOT) + message.substring(1)
                : message;
    }

    /** What could have been meant by a verb or an option that does not exist; the most similar first. */
    static List<String> suggestions(Tool tool, ParameterException e) {
        if (!(e instanceof UnmatchedArgumentException unmatched)) {
            return List.of();
        }
        // What was parsed with knows the verb that was named only, here none.
        return e.getCommandLine().getParent() == null
                ? new UnmatchedArgumentException(of(tool), unmatched.getUnmatched()).getSuggestions()
                : unmatched.getSuggestions();
    }
}
