package io.tailrace.cli;

import io.tailrace.client.Contexts;
import io.tailrace.client.TailraceException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tailrace context rm}. */
@Command(
        name = "rm",
        aliases = "remove",
        header = "Forget servers; not the one in use. The files of their tokens stay.",
        footer = {"", "Example:", "  tailrace context rm build"})
final class ContextRemoveCommand extends Verb {
    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Contexts.")
    private List<String> names = new ArrayList<>();

    @Override
    public Integer call() {
        var contexts = Contexts.ofUser();
        int code = ExitCodes.OK;
        for (var name : names) {
            try {
                contexts.remove(name);
                streams().println(name);
            } catch (TailraceException e) {
                streams().say(e.getMessage());
                code = ExitCodes.FAILED;
            }
        }
        return code;
    }
}
