package io.tailrace.cli;

import io.tailrace.client.Contexts;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tailrace context create}. */
@Command(
        name = "create",
        header = "Give the server at --host a name.",
        description = {
            "",
            "Of --token only @FILE is taken: the file is read whenever the context is used, and only its owner may be able "
                    + "to read it. The server is not asked anything."
        },
        footer = {
            "",
            "Examples:",
            "  tailrace context create build --host https://build.example --token @build.token",
            "  tailrace context create second --host unix:///run/second/tailrace.sock"
        })
final class ContextCreateCommand extends Verb {
    @Parameters(arity = "1", paramLabel = "NAME", description = "Its name.")
    private String name = "";

    @Override
    public Integer call() {
        var host = tool().host;
        var token = tool().token;
        if (host == null) {
            throw new CliException("--host: none (expected: the address of the server)");
        }
        if (token != null && !token.startsWith("@")) {
            throw new CliException("--token: not shown (expected: @FILE, since a context keeps no secrets)");
        }
        Contexts.ofUser().create(name, host, token == null ? null : Path.of(token.substring(1)));
        streams().println(name);
        return ExitCodes.OK;
    }
}
