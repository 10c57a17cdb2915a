package io.tailrace.cli;

import io.tailrace.client.TailraceException;
import io.tailrace.client.Volume;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tailrace volume inspect}. */
@Command(
        name = "inspect",
        header = "Show everything about volumes, as a JSON array.",
        footer = {"", "Example:", "  tailrace volume inspect data | jq -r '.[0].path'"})
final class VolumeInspectCommand extends Verb {
    @Parameters(arity = "1..*", paramLabel = "VOLUME", description = "Names.")
    private List<String> names = new ArrayList<>();

    @Override
    public Integer call() {
        int code = ExitCodes.OK;
        List<Volume> found = new ArrayList<>();
        try (var session = ServerSession.open(tool())) {
            for (var name : names) {
                try {
                    found.add(session.tailrace().volumes().get(name));
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
