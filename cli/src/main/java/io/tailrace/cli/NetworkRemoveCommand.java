package io.tailrace.cli;

import io.tailrace.client.TailraceException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tailrace network rm}. */
@Command(
        name = "rm",
        aliases = "remove",
        header = "Remove networks; none that a container is to be attached to.",
        footer = {"", "Example:", "  tailrace network rm shop"})
final class NetworkRemoveCommand extends Verb {
    @Parameters(arity = "1..*", paramLabel = "NETWORK", description = "Names or ids.")
    private List<String> networks = new ArrayList<>();

    @Override
    public Integer call() {
        int code = ExitCodes.OK;
        try (var session = ServerSession.open(tool())) {
            for (var network : networks) {
                try {
                    session.tailrace().networks().remove(network);
                    streams().println(network);
                } catch (TailraceException e) {
                    streams().say(e.getMessage());
                    code = ExitCodes.FAILED;
                }
            }
        }
        return code;
    }
}
