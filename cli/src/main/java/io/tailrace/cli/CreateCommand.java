package io.tailrace.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace create}. */
@Command(
        name = "create",
        header = "Make a container without starting it, and print its id.",
        footer = {
            "",
            "Example:",
            "  tailrace create --name job busybox sh -c 'echo started; sleep 5'",
            "  tailrace start -a job"
        })
final class CreateCommand extends Verb {
    @Mixin
    private ContainerFlags flags = new ContainerFlags();

    @Option(names = "--pull", paramLabel = "WHEN", description = "missing (default), always or never.")
    private ImageArrival.Pull pull = ImageArrival.Pull.MISSING;

    @Option(
            names = {"-q", "--quiet"},
            description = "Say nothing while pulling.")
    private boolean isQuiet;

    @Parameters(index = "0", paramLabel = "IMAGE", description = "Reference or id of an image.")
    private String image = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "COMMAND",
            description = "What to run instead of the image's.")
    private List<String> command = new ArrayList<>();

    @Override
    public Integer call() {
        var terminal = flags.hasTerminal() ? Attachment.terminalSize(streams()) : null;
        try (var tailrace = connect()) {
            var container = new ImageArrival(tailrace, streams(), pull, isQuiet)
                    .make(image, flags.spec(image, command, terminal), false);
            streams().println(container.id());
            return ExitCodes.OK;
        }
    }
}
