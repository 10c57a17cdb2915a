package io.tailrace.cli;

import io.tailrace.client.ExecSpec;
import io.tailrace.client.FollowOptions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace exec}. */
@Command(
        name = "exec",
        header = "Run a command in a running container.",
        description = {"", "Ends with the command's exit code; 125 to 127 as 'tailrace run'."},
        footer = {"", "Examples:", "  tailrace exec web ps", "  tailrace exec -it web sh"})
final class ExecCommand extends Verb {
    @Option(
            names = {"-d", "--detach"},
            description = "Do not wait; print the exec's id.")
    private boolean isDetached;

    @Mixin
    private ProcessFlags process = new ProcessFlags();

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
        if (!isDetached
                && process.hasTerminal()
                && process.isInteractive()
                && !streams().isInputTerminal()) {
            throw new CliException("-t: stdin is no terminal", "leave out -t, or run it in a terminal");
        }
        var options =
                new Attachment.Options(process.isInteractive(), process.hasTerminal(), detachKeys, true, true, true);
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
        var spec = new ExecSpec(command);
        process.set(spec, process.hasTerminal() ? Attachment.terminalSize(streams()) : null);
        if (isPrivileged) {
            spec.privileged();
        }
        return spec;
    }
}
