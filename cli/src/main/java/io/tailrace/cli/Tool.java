package io.tailrace.cli;

import io.tailrace.client.Tailrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command itself: what all verbs share. */
@Command(name = "tailrace", description = "Runs containers and delivers everything they do to everyone who watches.")
public final class Tool {
    private final StandardStreams streams;
    private final Transport transport;

    @Option(
            names = {"-H", "--host"},
            paramLabel = "ADDRESS",
            scope = ScopeType.INHERIT,
            order = 900,
            description =
                    "Server: unix:///path or http://host:port (default: TAILRACE_HOST, the context in use, the local one).")
    @Nullable String host;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            order = 901,
            description =
                    "The server by its context, as 'tailrace context ls' shows it; before TAILRACE_HOST, not with --host.")
    @Nullable String context;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            scope = ScopeType.INHERIT,
            order = 902,
            description = "The server's token, or @FILE to read it from (default: the context's, TAILRACE_TOKEN).")
    @Nullable String token;

    @Option(names = "--help", usageHelp = true, scope = ScopeType.INHERIT, order = 903, description = "Show this help.")
    boolean isHelpWanted;

    @Option(
            names = {"-v", "--version"},
            versionHelp = true,
            description = "Show this command's version; 'tailrace version' shows the server's, too.")
    boolean isVersionWanted;

    private @Nullable String secret;

    Tool(StandardStreams streams, Transport transport) {
        this.streams = streams;
        this.transport = transport;
    }

    StandardStreams streams() {
        return streams;
    }

    /** As docker has it: in front of the verb only, since behind it {@code -c} is the verb's. */
    @Option(names = "-c", paramLabel = "NAME", hidden = true)
    void context(String name) {
        context = name;
    }

    /** Which server the command line says. */
    NamedServer server() {
        return new NamedServer(host, context);
    }

    /** Whether the user said which server to use. */
    boolean isServerChosen() {
        return client().isServerNamed();
    }

    /** A client of the server that is meant; that it can be reached is not said. */
    Tailrace connect() {
        return (token == null ? transport.take(server()) : Optional.<Tailrace>empty())
                .orElseGet(() -> client().build());
    }

    /** Ends what was connected before anybody asked for it. */
    void disconnect() {
        transport.close();
    }

    Tailrace.Builder client() {
        var builder = server().builder();
        if (token != null) {
            builder.token(secret(token));
        }
        return builder;
    }

    /** A token, or what its file says: read once, since it may be a pipe. */
    private String secret(String text) {
        if (!text.startsWith("@")) {
            return text;
        }
        if (secret == null) {
            secret = read(Path.of(text.substring(1)));
        }
        return secret;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new CliException("token file: %s cannot be read: %s".formatted(file, e.getMessage()));
        }
    }
}
