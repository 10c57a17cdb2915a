package io.tailrace.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace image pull}, {@code tailrace pull}. */
@Command(
        name = "pull",
        header = "Fetch images from their registries.",
        footer = {"", "Examples:", "  tailrace pull alpine:3", "  tailrace pull localhost:5000/app:1"})
final class ImagePullCommand extends Verb {
    @Option(
            names = {"-q", "--quiet"},
            description = "Print the id, and nothing on the way.")
    private boolean isQuiet;

    @Parameters(
            arity = "1..*",
            paramLabel = "REFERENCE",
            description = "As in docker: busybox is docker.io/library/busybox:latest.")
    private List<String> references = new ArrayList<>();

    @Override
    public Integer call() {
        try (var session = ServerSession.open(tool())) {
            for (var reference : references) {
                try (var progress = new ProgressDisplay(streams(), isQuiet)) {
                    streams()
                            .println(session.tailrace()
                                    .images()
                                    .pull(reference, progress)
                                    .id());
                }
            }
        }
        return ExitCodes.OK;
    }
}
