package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.tailrace.api.exec.ExecGrpc;
import io.tailrace.api.exec.SessionRequest;
import io.tailrace.api.exec.SessionResponse;
import io.tailrace.api.exec.Start;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.FollowResponse;
import io.tailrace.api.v1.TimelinesGrpc;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class ShutdownTest {
    private static final Duration STOP_MAX = Duration.ofSeconds(4);

    @Test
    void noStreamOfAServerThatStopsLooksComplete() {
        var server = TestServer.start();
        Container container = server.run("stubborn");
        var follow = Answers.<FollowRequest, FollowResponse>flowing();
        TimelinesGrpc.newStub(server.channel)
                .follow(
                        FollowRequest.newBuilder()
                                .setContainer(container.getId())
                                .build(),
                        follow);
        follow.next();
        var session = Answers.<SessionRequest, SessionResponse>flowing();
        ExecGrpc.newStub(server.channel)
                .session(session)
                .onNext(SessionRequest.newBuilder()
                        .setStart(Start.newBuilder()
                                .setContainerId(container.getId())
                                .setExecId(container.getId()))
                        .build());
        assertThat(session.next().hasReady()).isTrue();
        CompletableFuture<HttpResponse<String>> events = server.http.sendAsync(
                server.request("/v1/containers/" + container.getId() + "/timeline")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        org.awaitility.Awaitility.await().until(() -> server.server.streams() == 3);

        long begun = System.nanoTime();
        server.server.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(STOP_MAX);

        Status status = follow.drain(new ArrayList<>());
        assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(status.getDescription()).contains("shutting down");
        assertThat(session.drain(new ArrayList<>()).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(events.handle((response, cause) -> cause).join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(IOException.class);
        server.close();
    }

    @Test
    void closingTwiceIsClosingOnce() throws Exception {
        var server = TestServer.start();
        server.server.close();
        server.server.close();
        server.server.awaitStop();
        server.close();
    }
}
