package io.tailrace.cli;

import io.tailrace.client.FollowOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace attach}. */
@Command(
        name = "attach",
        header = "Connect to a running container: its output here, our input there.",
        description = {"", "Any number of these may be connected at once; each sees everything."},
        footer = {"", "Examples:", "  tailrace attach web", "  tailrace attach --replay --no-stdin web"})
final class AttachCommand extends Verb {
    @Option(names = "--replay", description = "Begin with the first record, not with now.")
    private boolean isReplay;

    @Option(names = "--no-stdin", description = "Pass no input on.")
    private boolean isStdinRefused;

    @Option(names = "--sig-proxy", paramLabel = "BOOL", description = "Pass signals on (default: true).")
    private boolean isSignalProxy = true;

    @Option(names = "--detach-keys", paramLabel = "KEYS", description = "Keys that leave it (default: ctrl-p,ctrl-q).")
    private String detachKeys = "ctrl-p,ctrl-q";

    @Parameters(index = "0", paramLabel = "CONTAINER", description = "Id, prefix of one, or name.")
    private String container = "";

    @Override
    int failureCode() {
        return ExitCodes.TAILRACE_FAILED;
    }

    @Override
    public Integer call() {
        try (var tailrace = connect()) {
            var found = tailrace.containers().get(container);
            var info = found.inspect();
            if (!info.status().state().isUp() && !isReplay) {
                throw new CliException(
                        "container %s is %s (expected: running)"
                                .formatted(info.name(), info.status().state().word()),
                        "'tailrace logs %s' shows what it wrote".formatted(info.name()));
            }
            var from = isReplay ? new FollowOptions() : new FollowOptions().fromNow();
            var options = new Attachment.Options(
                    info.hasStdin() && !isStdinRefused, info.hasTerminal(), detachKeys, isSignalProxy, false, false);
            return new Attachment(streams(), found, options).relay(from);
        }
    }
}
