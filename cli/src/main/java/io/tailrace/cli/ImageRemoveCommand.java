package io.tailrace.cli;

import io.tailrace.client.TailraceException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace image rm}. */
@Command(
        name = "rm",
        aliases = "remove",
        header = "Remove images' names and, with its last name, the image.",
        footer = {"", "Example:", "  tailrace image rm app:1"})
final class ImageRemoveCommand extends Verb {
    @Option(
            names = {"-f", "--force"},
            description = "Even if a container was made of it.")
    private boolean isForced;

    @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "References or ids.")
    private List<String> images = new ArrayList<>();

    @Override
    public Integer call() {
        int code = ExitCodes.OK;
        try (var session = ServerSession.open(tool())) {
            for (var image : images) {
                try {
                    session.tailrace().images().remove(image, isForced);
                    streams().println(image);
                } catch (TailraceException e) {
                    streams().say(e.getMessage());
                    code = ExitCodes.FAILED;
                }
            }
        }
        return code;
    }
}
