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
            names = "--token",
            paramLabel = "TOKEN",
            scope = ScopeType.INHERIT,
            order = 901,
            description = "The server's token, or @FILE to read it from (default: the context's, TAILRACE_TOKEN).")
    @Nullable String token;

    @Option(names = "--help", usageHelp = true, scope = ScopeType.INHERIT, order = 902, description = "Show this help.")
    boolean isHelpWanted;

    @Option(
            names = {"-v", "--version"},
            versionHelp = true,
            description = "Show this command's version; 'tailrace version' shows the server's, too.")
    boolean isVersionWanted;

    Tool(StandardStreams streams, Transport transport) {
        this.streams = streams;
        this.transport = transport;
    }

    StandardStreams streams() {
        return streams;
    }

    /** Whether the user said which server to use. */
    boolean isServerChosen() {
        return client().isServerNamed();
    }

    /** A client of the server that is meant; that it can be reached is not said. */
    Tailrace connect() {
        return (token == null ? transport.take(host) : Optional.<Tailrace>empty()).orElseGet(() -> client().build());
    }

    /** Ends what was connected before anybody asked for it. */
    void disconnect() {
        transport.close();
    }

    Tailrace.Builder client() {
        var builder = Tailrace.builder();
        if (host != null) {
            builder.address(host);
        }
        if (token != null) {
            builder.token(token.startsWith("@") ? read(Path.of(token.substring(1))) : token);
        }
        return builder;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new CliException("token file: %s cannot be read: %s".formatted(file, e.getMessage()));
        }
    }
}
