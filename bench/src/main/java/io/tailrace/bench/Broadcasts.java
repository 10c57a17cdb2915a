package io.tailrace.bench;

import io.tailrace.bench.follow.Audience;
import io.tailrace.bench.follow.GrpcAudience;
import io.tailrace.bench.follow.LoopbackServer;
import io.tailrace.bench.follow.SocketAudience;
import io.tailrace.bench.follow.SocketAudience.Content;
import io.tailrace.bench.follow.StreamAudience;
import io.tailrace.client.Container;
import io.tailrace.client.NetworkMode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/** The ways in which one output comes to many followers. */
final class Broadcasts {
    private static final int BACKLOG_MORE = 16;

    private final Rig rig;

    Broadcasts(Rig rig) {
        this.rig = rig;
    }

    /** The Tailrace server's raw bytes, over loopback TCP. */
    Broadcast tailraceRaw(Script script, int followers) throws Exception {
        return tailrace(
                script,
                container -> http(container, "/stdout?follow=true", Content.RAW, followers, script.stampedLines()));
    }

    /** The Tailrace server's events, over loopback TCP. */
    Broadcast tailraceEvents(Script script, int followers) throws Exception {
        return tailrace(
                script, container -> http(container, "/timeline", Content.EVENTS, followers, script.stampedLines()));
    }

    /** The Java client, over the unix socket. */
    Broadcast tailraceGrpc(Script script, int followers) throws Exception {
        return tailrace(script, container -> GrpcAudience.of(container::follow, followers, script.stampedLines()));
    }

    private Audience http(Container container, String path, Content content, int followers, int stampedLines)
            throws IOException {
        InetSocketAddress server = rig.tailrace().address();
        String request = SocketAudience.get(server, "/v1/containers/" + container.id() + path);
        return SocketAudience.request(server, List.of(request), content, followers, stampedLines);
    }

    private interface Connector<T> {
        Audience connect(T container) throws IOException;
    }

    private Broadcast tailrace(Script script, Connector<Container> connector) throws Exception {
        Path directory = rig.newDirectory();
        Broadcast.Pipe pipe = new Broadcast.Pipe(directory);
        Container container = rig.tailrace()
                .client()
                .containers()
                .create(
                        Rig.IMAGE,
                        spec -> spec.command(script.command())
                                .network(NetworkMode.NONE)
                                .bind(directory.toString(), Script.MOUNT));
        return open(
                script,
                () -> {
                    container.start();
                    return connector.connect(container);
                },
                pipe,
                () -> container.remove(true));
    }

    private interface Start {
        Audience begin() throws Exception;
    }

    private static Broadcast open(Script script, Start start, Broadcast.Pipe pipe, AutoCloseable container)
            throws Exception {
        // The pipe is closed first: what waits for its end, ends.
        AutoCloseable owner = () -> {
            try (container) {
                pipe.close();
            }
        };
        Audience audience;
        try {
            audience = start.begin();
        } catch (Exception e) {
            owner.close();
            throw e;
        }
        Broadcast broadcast = new Broadcast(script, audience, pipe::write, pipe::close, owner);
        try {
            audience.awaitReady(Broadcast.TIMEOUT);
            return broadcast;
        } catch (Exception e) {
            broadcast.close();
            throw e;
        }
    }

    /** Attached by the Docker API, over its unix socket. */
    Broadcast dockerAttach(Docker docker, Script script, int followers) throws Exception {
        Path directory = rig.newDirectory();
        DockerApi api = docker.api();
        Broadcast.Pipe pipe = new Broadcast.Pipe(directory);
        String id = api.create(Rig.IMAGE, script.command(), List.of(directory + ":" + Script.MOUNT));
        return open(
                script,
                () -> {
                    Audience audience = SocketAudience.request(
                            api.address(),
                            List.of(DockerApi.attachRequest(id)),
                            Content.DOCKER_FRAMES,
                            followers,
                            script.stampedLines());
                    // As docker run does it: attached before the start, so that nothing is missed.
                    audience.awaitReady(Broadcast.TIMEOUT);
                    api.start(id);
                    return audience;
                },
                pipe,
                () -> api.remove(id));
    }

    /** The docker command's {@code logs --follow}, its output read from a pipe. */
    Broadcast dockerLogs(Docker docker, Script script) throws Exception {
        Path directory = rig.newDirectory();
        DockerApi api = docker.api();
        Broadcast.Pipe pipe = new Broadcast.Pipe(directory);
        String id = api.create(Rig.IMAGE, script.command(), List.of(directory + ":" + Script.MOUNT));
        return open(
                script,
                () -> {
                    api.start(id);
                    Process logs = Stopwatch.start(docker.command("logs", "--follow", id));
                    return StreamAudience.of(logs, script.stampedLines());
                },
                pipe,
                () -> api.remove(id));
    }

    /** A process on the host, its output read from a pipe. */
    Broadcast hostPipe(Script script) throws Exception {
        Path directory = rig.newDirectory();
        Broadcast.Pipe pipe = new Broadcast.Pipe(directory);
        return open(
                script,
                () -> StreamAudience.of(
                        Stopwatch.start(script.commandOnHost(rig.busybox(), directory)), script.stampedLines()),
                pipe,
                () -> {});
    }

    /** Plain TCP connections over loopback, written to one after the other; no process, no file, no framing. */
    static Broadcast loopback(Script script, int followers) throws Exception {
        LoopbackServer server = LoopbackServer.open(followers + BACKLOG_MORE);
        Audience audience = SocketAudience.raw(server.address(), followers, script.stampedLines());
        server.accept(followers);
        return new Broadcast(
                script,
                audience,
                server::write,
                () -> {
                    for (byte[] block : script.burst()) {
                        server.write(block);
                    }
                    server.finish();
                },
                server);
    }
}
