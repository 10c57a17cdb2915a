package io.tailrace.acceptance;

import io.tailrace.api.v1.GetInfoRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** An image registry on loopback, without TLS. Closing it ends it. */
final class Registry implements AutoCloseable {
    private static final Duration READY_LIMIT = Duration.ofSeconds(15);
    private static final Duration PUSH_LIMIT = Duration.ofSeconds(30);

    private final Command process;
    private final String address;

    private Registry(Command process, String address) {
        this.process = process;
        this.address = address;
    }

    /** Starts a registry that keeps its content in a directory. */
    static Registry start(Path directory) throws IOException {
        String address = "127.0.0.1:" + freePort();
        Path config = Files.writeString(Files.createDirectories(directory).resolve("registry.yml"), """
                version: 0.1
                storage:
                  filesystem:
                    rootdirectory: %s
                http:
                  addr: %s
                """.formatted(
                        directory.resolve("content"), address));
        Registry registry =
                new Registry(Command.start(List.of("docker-registry", "serve", config.toString())), address);
        try {
            Waiting.until("the registry to answer", READY_LIMIT, registry::answers);
        } catch (Throwable e) {
            registry.close();
            throw e;
        }
        return registry;
    }

    /** {@code host:port} */
    String address() {
        return address;
    }

    /**
     * Puts an image there that a server has under a name of this registry. With the runtime's own command: the content comes
     * from another hand than the one under test.
     */
    void push(TailraceServerProcess server, String reference) {
        if (server.isOnDocker()) {
            DockerEngine.docker("push", reference);
            return;
        }
        String socket = server.api()
                .system()
                .getInfo(GetInfoRequest.getDefaultInstance())
                .getRuntimeEndpoint()
                .replaceFirst("^unix://", "");
        Command.run(
                        PUSH_LIMIT,
                        List.of("ctr", "-a", socket, "-n", "tailrace", "images", "push", "--plain-http", reference))
                .succeeded();
    }

    @Override
    public void close() {
        process.close();
    }

    private boolean answers() throws InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + address + "/v2/"))
                    .timeout(READY_LIMIT)
                    .build();
            return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
