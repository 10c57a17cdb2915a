package io.tailrace.cli;

import io.tailrace.client.Network;
import io.tailrace.client.TailraceException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tailrace network inspect}. */
@Command(
        name = "inspect",
        header = "Show everything about networks, as a JSON array.",
        footer = {"", "Example:", "  tailrace network inspect shop | jq -r '.[0].subnet'"})
final class NetworkInspectCommand extends Verb {
    @Parameters(arity = "1..*", paramLabel = "NETWORK", description = "Names or ids.")
    private List<String> networks = new ArrayList<>();

    @Override
    public Integer call() {
        int code = ExitCodes.OK;
        List<Network> found = new ArrayList<>();
        try (var session = ServerSession.open(tool())) {
            for (var network : networks) {
                try {
                    found.add(session.tailrace().networks().get(network));
                } catch (TailraceException e) {
                    streams().say(e.getMessage());
                    code = ExitCodes.FAILED;
                }
            }
        }
        streams().println(Json.pretty(found));
        return code;
    }
}
