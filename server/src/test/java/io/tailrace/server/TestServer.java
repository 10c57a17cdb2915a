package io.tailrace.server;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.ContainerSpec;
import io.tailrace.api.v1.ContainersGrpc;
import io.tailrace.api.v1.CreateContainerRequest;
import io.tailrace.api.v1.WaitContainerRequest;
import io.tailrace.runtime.conformance.ScriptedRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A real server on the scripted runtime, on a free port, with clients of it. */
final class TestServer implements AutoCloseable {
    /** For a call that is answered at once: long enough where a fuzzer instruments every class on the way. */
    private static final int LIMIT_SECONDS = 180;

    final Path directory;
    final ScriptedRuntime runtime;
    final TailraceServer server;
    final ManagedChannel channel;
    final HttpClient http = HttpClient.newHttpClient();

    private TestServer(UnaryOperator<ServerConfig> change) {
        try {
            directory = Files.createTempDirectory("tailrace-server");
            runtime = ScriptedRuntime.openWithFifos(Files.createDirectory(directory.resolve("fifos")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ServerConfig config = ServerConfig.defaults(directory.resolve("data"))
                .withListen(new ServerConfig.Listen(
                        "127.0.0.1", 0, -1, directory.resolve("tailrace.sock").toString()));
        try {
            server = TailraceServer.start(change.apply(config), runtime);
        } catch (RuntimeException e) {
            http.close();
            delete(directory);
            throw e;
        }
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.httpUri().getPort())
                .usePlaintext()
                .build();
    }

    static TestServer start() {
        return start(config -> config);
    }

    static TestServer start(UnaryOperator<ServerConfig> change) {
        return new TestServer(change);
    }

    static ServerConfig withToken(ServerConfig config, String... tokens) {
        return config.withAccess(new ServerConfig.Access(List.of(tokens), "", List.of(), List.of()));
    }

    ContainersGrpc.ContainersBlockingStub containers() {
        return ContainersGrpc.newBlockingStub(channel).withDeadlineAfter(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    /** A container of a command, not started. */
    Container create(String... command) {
        return containers().create(newContainer(command).build());
    }

    /** A container that runs a command. */
    Container run(String... command) {
        return containers().create(newContainer(command).setStart(true).build());
    }

    /** A container whose command has ended. */
    Container ran(String... command) {
        Container container = run(command);
        containers()
                .wait(WaitContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        return container;
    }

    static CreateContainerRequest.Builder newContainer(String... command) {
        return CreateContainerRequest.newBuilder()
                .setSpec(ContainerSpec.newBuilder().setImage("busybox").addAllCommand(List.of(command)));
    }

    URI uri(String path) {
        return server.httpUri().resolve(path);
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return http.send(request(path, headers).build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String body, String... headers) throws IOException, InterruptedException {
        HttpRequest request = request(path, headers)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
        return headers.length == 0 ? request : request.headers(headers);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.close();
        // Not close(): where the body of an answer was left before its end, that waits for ever at times (JDK 25).
        http.shutdownNow();
        delete(directory);
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
