package io.tailrace.cli;

import io.tailrace.client.ContainerSpec;
import io.tailrace.client.ExecSpec;
import io.tailrace.client.TerminalSize;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code run}, {@code create} and {@code exec} have in common: docker's flags for a process. */
final class ProcessFlags {
    private static final TerminalSize TERMINAL_DEFAULT = new TerminalSize(80, 24);

    @Option(
            names = {"-i", "--interactive"},
            description = "Pass stdin on; its end becomes the end of the process's.")
    private boolean isInteractive;

    @Option(
            names = {"-t", "--tty"},
            description = "Give it a terminal; stderr then comes out as stdout.")
    private boolean hasTerminal;

    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME[=VALUE]",
            description = "Set a variable; without a value, as it is here.")
    private List<String> environment = new ArrayList<>();

    @Option(names = "--env-file", paramLabel = "FILE", description = "Set the variables of a file, one a line.")
    private List<String> environmentFiles = new ArrayList<>();

    @Option(
            names = {"-w", "--workdir"},
            paramLabel = "PATH",
            description = "Run in this directory.")
    private @Nullable String workingDirectory;

    @Option(
            names = {"-u", "--user"},
            paramLabel = "USER[:GROUP]",
            description = "Run as this user: names or numbers.")
    private @Nullable String user;

    boolean isInteractive() {
        return isInteractive;
    }

    boolean hasTerminal() {
        return hasTerminal;
    }

    /** @param terminal the size of the terminal here; null if there is none */
    void set(ContainerSpec spec, @Nullable TerminalSize terminal) {
        spec.env(Environment.read(environmentFiles, environment));
        ContainerFlags.ifGiven(workingDirectory, spec::workingDirectory);
        ContainerFlags.ifGiven(user, spec::user);
        if (isInteractive) {
            spec.stdin();
        }
        if (hasTerminal) {
            spec.terminal(terminal == null ? TERMINAL_DEFAULT : terminal);
        }
    }

    /** @param terminal the size of the terminal here; null if there is none */
    void set(ExecSpec spec, @Nullable TerminalSize terminal) {
        spec.env(Environment.read(environmentFiles, environment));
        ContainerFlags.ifGiven(workingDirectory, spec::workingDirectory);
        ContainerFlags.ifGiven(user, spec::user);
        if (isInteractive) {
            spec.stdin();
        }
        if (hasTerminal) {
            spec.terminal(terminal == null ? TERMINAL_DEFAULT : terminal);
        }
    }
}
