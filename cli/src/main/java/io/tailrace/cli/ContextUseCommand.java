package io.tailrace.cli;

import io.tailrace.client.Contexts;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tailrace context use}. */
@Command(
        name = "use",
        header = "Mean this server from here on.",
        footer = {
            "",
            "Examples:",
            "  tailrace context use build",
            "  tailrace context use default     the local server, as without contexts"
        })
final class ContextUseCommand extends Verb {
    @Parameters(arity = "1", paramLabel = "NAME", description = "A context, or default.")
    private String name = "";

    @Override
    public Integer call() {
        Contexts.ofUser().use(name);
        streams().println(name);
        for (var variable : List.of("TAILRACE_HOST", "TAILRACE_CONTEXT")) {
            var value = System.getenv(variable);
            if (value != null && !value.isBlank()) {
                streams().say("%s is set, and goes before it: %s".formatted(variable, value));
            }
        }
        return ExitCodes.OK;
    }
}
