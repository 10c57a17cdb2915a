package io.tailrace.cli;

import io.tailrace.server.ConfigFile;
import io.tailrace.server.ServerConfig;
import io.tailrace.server.TailraceServer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace server}. */
@Command(
        name = "server",
        header = "Run the server until it is told to stop (SIGTERM, ctrl-c). Containers run on without it.",
        description = {
            "",
            "Settings come from the file, over it the environment (docs/guides/configuration.md), over that these flags. "
                    + "Anything but a loopback address needs a token: TAILRACE_TOKEN or --token-file."
        },
        footer = {
            "",
            "Examples:",
            "  tailrace server",
            "  tailrace server --listen 0.0.0.0:8080 --token-file /etc/tailrace/token"
        })
final class ServerCommand extends Verb {
    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where to listen (default: 127.0.0.1:8080); port 0: a free one.")
    private @Nullable String listen;

    @Option(
            names = "--second-port",
            paramLabel = "PORT",
            description = "The same on a second port (default: 8000); -1: none.")
    private @Nullable Integer secondPort;

    @Option(names = "--socket", paramLabel = "PATH", description = "Unix socket; \"\": none.")
    private @Nullable String socket;

    @Option(names = "--data", paramLabel = "DIR", description = "Where timelines are kept.")
    private @Nullable Path data;

    @Option(names = "--token-file", paramLabel = "FILE", description = "A token that opens the server.")
    private @Nullable String tokenFile;

    @Option(
            names = "--runtime",
            paramLabel = "NAME",
            description = "What runs the containers: containerd, docker, or auto (default): containerd, else docker.")
    private @Nullable String runtime;

    @Option(
            names = "--containerd",
            paramLabel = "SOCKET",
            description = "containerd's socket (default: the usual place, else a private one is started).")
    private @Nullable String containerd;

    @Option(
            names = "--docker",
            paramLabel = "SOCKET",
            description =
                    "A Docker Engine's socket (default: DOCKER_HOST, else the usual places); means --runtime docker.")
    private @Nullable String docker;

    @Option(names = "--config", paramLabel = "FILE", description = "Settings, as YAML.")
    private @Nullable Path file;

    @Option(
            names = "--until-stdin-ends",
            description = "For the program that starts it: on a unix socket of its own, whose address is written to "
                    + "stdout, until stdin ends. Takes no other flags.")
    private boolean isOfItsStarter;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (isOfItsStarter) {
            return serveStarter();
        }
        TailraceServer server;
        try {
            server = TailraceServer.start(config());
        } catch (CliException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new CliException(
                    "the server cannot start: " + e.getMessage(), "'tailrace doctor' checks what it needs");
        }
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
        var where = new StringBuilder("listening on " + server.httpUri());
        server.secondUri().ifPresent(uri -> where.append(", ").append(uri));
        server.unixSocket().ifPresent(path -> where.append(", unix://").append(path));
        streams().say(where.toString());
        streams().say("ready");
        server.awaitStop();
        return ExitCodes.OK;
    }

    /** Stdin ends with the process that holds its other end, however that dies: so nothing is left without an owner. */
    private int serveStarter() throws IOException {
        if (Stream.of(listen, secondPort, socket, data, tokenFile, runtime, containerd, docker, file)
                .anyMatch(Objects::nonNull)) {
            throw new CliException("--until-stdin-ends with other flags (expected: settings by the environment only)");
        }
        try (var server = LocalServer.start()) {
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
            streams().println(server.address());
            streams().in().transferTo(OutputStream.nullOutputStream());
        }
        return ExitCodes.OK;
    }

    private ServerConfig config() {
        var config = ConfigFile.read(file, System.getenv());
        if (data != null) {
            // Not a "with": a data directory is what the rest of the settings stand beside.
            config = new ServerConfig(
                    data.toAbsolutePath(),
                    config.listen(),
                    config.access(),
                    config.runtime(),
                    config.timelines(),
                    config.limits(),
                    config.sampling());
        }
        var access = config.access();
        if (tokenFile != null) {
            access = access.withTokenFile(tokenFile);
        }
        return config.withListen(listen(config.listen())).withAccess(access).withRuntime(runtime(config.runtime()));
    }

    private ServerConfig.RuntimeChoice runtime(ServerConfig.RuntimeChoice configured) {
        if (containerd != null && docker != null) {
            throw new CliException("--containerd and --docker (expected: one of them)");
        }
        var name = runtime != null ? runtime : configured.name();
        if (runtime == null && (containerd != null || docker != null)) {
            name = containerd != null ? "containerd" : "docker";
        }
        var chosen = containerd != null ? containerd : docker;
        // A socket that is configured belongs to the runtime that is configured.
        var usual = name.equals(configured.name()) ? configured.socket() : "";
        return configured.withSocket(name, chosen != null ? chosen : usual);
    }

    private ServerConfig.Listen listen(ServerConfig.Listen configured) {
        var host = configured.host();
        int port = configured.port();
        if (listen != null) {
            int colon = listen.lastIndexOf(':');
            try {
                host = colon < 0 ? listen : listen.substring(0, colon);
                port = colon < 0 ? port : Integer.parseInt(listen.substring(colon + 1));
            } catch (NumberFormatException e) {
                throw new CliException("listen: \"%s\" (expected: HOST:PORT)".formatted(listen));
            }
        }
        // A server on a port of its own choosing stands beside another one: the second port is the other's.
        int second = secondPort != null ? secondPort : port == 0 ? -1 : configured.secondPort();
        return new ServerConfig.Listen(host, port, second, socket == null ? configured.unixSocket() : socket);
    }
}
