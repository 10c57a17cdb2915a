package io.tailrace.cli;

import io.tailrace.client.Container;
import io.tailrace.client.FollowOptions;
import io.tailrace.client.Tailrace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace start}. */
@Command(
        name = "start",
        header = "Start containers that do not run.",
        footer = {"", "Examples:", "  tailrace start web db", "  tailrace start -a job        and follow it to its end"
        })
final class StartCommand extends ContainersVerb {
    @Option(
            names = {"-a", "--attach"},
            description = "Pass its output on, and end with its exit code. One container only.")
    private boolean isAttached;

    @Option(
            names = {"-i", "--interactive"},
            description = "Pass stdin on as well.")
    private boolean isInteractive;

    @Override
    int failureCode() {
        return isAttached ? ExitCodes.TAILRACE_FAILED : ExitCodes.FAILED;
    }

    @Override
    int execute(Tailrace tailrace) {
        if (!isAttached && !isInteractive) {
            return super.execute(tailrace);
        }
        if (names().size() != 1) {
            throw new CliException("attach: %d containers (expected: 1)".formatted(names().size()));
        }
        var container = tailrace.containers().get(names().getFirst());
        var info = container.inspect();
        // Read from here on, but opened after the start: the timeline keeps what comes in between.
        var cursor = Cursors.latest(container);
        container.start();
        var options = new Attachment.Options(
                isInteractive && info.hasStdin(), info.hasTerminal(), "ctrl-p,ctrl-q", true, false, false);
        var from = cursor.isEmpty() ? new FollowOptions() : new FollowOptions().after(cursor);
        return new Attachment(streams(), container, options).relay(from);
    }

    @Override
    void apply(Container container) {
        container.start();
    }
}
