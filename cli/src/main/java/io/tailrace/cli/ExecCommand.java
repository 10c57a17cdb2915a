package io.tailrace.cli;

import io.tailrace.client.ExecSpec;
import io.tailrace.client.FollowOptions;
import io.tailrace.client.TerminalSize;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace exec}. */
@Command(
        name = "exec",
        header = "Run a command in a running container.",
        description = {"", "Ends with the command's exit code; 125 to 127 as 'tailrace run'."},
        footer = {"", "Examples:", "  tailrace exec web ps", "  tailrace exec -it web sh"})
final class ExecCommand extends Verb {
    private static final TerminalSize TERMINAL_DEFAULT = new TerminalSize(80, 24);

    @Option(
            names = {"-d", "--detach"},
            description = "Do not wait; print the exec's id.")
    private boolean isDetached;

    @Option(
            names = {"-i", "--interactive"},
            description = "Pass stdin on.")
    private boolean isInteractive;

    @Option(
            names = {"-t", "--tty"},
            description = "Give it a terminal.")
    private boolean hasTerminal;

    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME[=VALUE]",
            description = "Set a variable.")
    private List<String> environment = new ArrayList<>();

    @Option(names = "--env-file", paramLabel = "FILE", description = "Set the variables of a file.")
    private List<String> environmentFiles = new ArrayList<>();

    @Option(
            names = {"-w", "--workdir"},
            paramLabel = "PATH",
            description = "Run in this directory.")
    private @Nullable String workingDirectory;

    @Option(
            names = {"-u", "--user"},
            paramLabel = "USER[:GROUP]",
            description = "Run as this user.")
    private @Nullable String user;

    @Option(names = "--privileged", description = "Give it all capabilities.")
    private boolean isPrivileged;

    @Option(names = "--detach-keys", paramLabel = "KEYS", description = "Keys that leave it (default: ctrl-p,ctrl-q).")
    private String detachKeys = "ctrl-p,ctrl-q";

    @Parameters(index = "0", paramLabel = "CONTAINER", description = "Id, prefix of one, or name.")
    private String container = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "What to run.")
    private List<String> command = new ArrayList<>();

    @Override
    int failureCode() {
        return ExitCodes.TAILRACE_FAILED;
    }

    @Override
    public Integer call() {
        if (!isDetached && hasTerminal && isInteractive && !streams().isInputTerminal()) {
            throw new CliException("-t: stdin is no terminal", "leave out -t, or run it in a terminal");
        }
        var options = new Attachment.Options(isInteractive, hasTerminal, detachKeys, true, true, true);
        try (var tailrace = connect()) {
            var exec = tailrace.containers().get(container).exec(spec());
            if (isDetached) {
                streams().println(exec.id());
                return ExitCodes.OK;
            }
            return new Attachment(streams(), exec, options).relay(new FollowOptions());
        }
    }

    private ExecSpec spec() {
        var spec = new ExecSpec(command).env(Environment.read(environmentFiles, environment));
        if (workingDirectory != null) {
            spec.workingDirectory(workingDirectory);
        }
        if (user != null) {
            spec.user(user);
        }
        if (isInteractive) {
            spec.stdin();
        }
        if (hasTerminal) {
            var size = Attachment.terminalSize(streams());
            spec.terminal(size == null ? TERMINAL_DEFAULT : size);
        }
        if (isPrivileged) {
            spec.privileged();
        }
        return spec;
    }
}
