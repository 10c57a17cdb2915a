package io.tailrace.cli;

import io.tailrace.client.TailraceException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tailrace volume rm}. */
@Command(
        name = "rm",
        aliases = "remove",
        header = "Remove volumes with all that is in them; none that a container has.",
        footer = {"", "Example:", "  tailrace volume rm data"})
final class VolumeRemoveCommand extends Verb {
    @Parameters(arity = "1..*", paramLabel = "VOLUME", description = "Names.")
    private List<String> names = new ArrayList<>();

    @Override
    public Integer call() {
        int code = ExitCodes.OK;
        try (var session = ServerSession.open(tool())) {
            for (var name : names) {
                try {
                    session.tailrace().volumes().remove(name);
                    streams().println(name);
                } catch (TailraceException e) {
                    streams().say(e.getMessage());
                    code = ExitCodes.FAILED;
                }
            }
        }
        return code;
    }
}
