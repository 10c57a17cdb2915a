package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.tailrace.api.exec.ExecGrpc;
import io.tailrace.api.exec.SessionRequest;
import io.tailrace.api.exec.SessionResponse;
import io.tailrace.api.exec.Start;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.Exec;
import io.tailrace.api.v1.ExecsGrpc;
import io.tailrace.api.v1.ListExecsRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which sessions the Exec service takes, and how many. */
class ExecAdmissionTest {
    private static final int SESSIONS_PER_CONTAINER_MAX = 10;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aSecondStartIsRefused() {
        Container container = server.run("hold");
        ExecSession session = ExecSession.open(server, ExecSession.watch(container));
        session.ready();
        session.requests()
                .onNext(SessionRequest.newBuilder()
                        .setStart(ExecSession.watch(container))
                        .build());
        assertThat(session.answers().end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void aSessionMustBeginWithAStartThatNamesSomething() {
        Container container = server.run("hold");
        var answers = Answers.<SessionRequest, SessionResponse>flowing();
        ExecGrpc.newStub(server.channel)
                .session(answers)
                .onNext(SessionRequest.newBuilder().setStdin(ByteString.EMPTY).build());
        assertThat(answers.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal(Start.newBuilder())).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal(Start.newBuilder().setContainerId(container.getId())))
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal(Start.newBuilder().setExecId("x"))).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal(Start.newBuilder().setContainerId("nobody").setExecId("nobody")))
                .isEqualTo(Status.Code.NOT_FOUND);
        assertThat(refusal(ExecSession.command(server.create("hold"), "x", "true")))
                .isEqualTo(Status.Code.FAILED_PRECONDITION);
    }

    @Test
    void aSessionIdMustBeGenuineAndFit() {
        Container container = server.run("hold");
        ExecSession session = ExecSession.open(server, ExecSession.command(container, "fit", "cat"));
        String id = session.ready();
        String forged = id.substring(0, id.length() - 1) + (id.endsWith("0") ? "1" : "0");
        assertThat(refusal(Start.newBuilder().setSessionId(forged))).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(refusal(Start.newBuilder().setSessionId("rubbish"))).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(refusal(Start.newBuilder()
                        .setSessionId(id)
                        .setContainerId(server.run("hold").getId())))
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal(Start.newBuilder().setSessionId(id).setExecId("other")))
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        ExecSession fitting = ExecSession.open(
                server,
                Start.newBuilder()
                        .setSessionId(id)
                        .setContainerId(container.getId())
                        .setExecId("fit"));
        assertThat(fitting.ready()).isEqualTo(id);
        fitting.leave();
        session.leave();
    }

    @Test
    void aClientIdHasOneSessionAtATime() {
        Container container = server.run("hold");
        ExecSession session =
                ExecSession.open(server, ExecSession.watch(container).setClientId("me"));
        session.ready();
        assertThat(refusal(ExecSession.watch(container).setClientId("me"))).isEqualTo(Status.Code.ALREADY_EXISTS);
        ExecSession other =
                ExecSession.open(server, ExecSession.watch(container).setClientId("you"));
        other.ready();
        other.leave();
        session.leave();
        await().until(() -> {
            ExecSession again =
                    ExecSession.open(server, ExecSession.watch(container).setClientId("me"));
            boolean isIn = again.answers().isAnswered();
            again.leave();
            return isIn;
        });
    }

    @Test
    void sessionsThatRunSomethingAreBoundedPerContainerAndWatchersAreNot() {
        Container container = server.run("hold");
        List<ExecSession> sessions = new ArrayList<>();
        for (int i = 0; i < SESSIONS_PER_CONTAINER_MAX; i++) {
            sessions.add(ExecSession.open(server, ExecSession.command(container, "cat-" + i, "cat")));
            sessions.getLast().ready();
        }
        assertThat(refusal(ExecSession.command(container, "one-more", "cat")))
                .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        var execs = ExecsGrpc.newBlockingStub(server.channel)
                .list(ListExecsRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        assertThat(execs.getExecsList())
                .as("what is refused does not run")
                .extracting(Exec::getId)
                .doesNotContain("one-more");
        ExecSession watcher = ExecSession.open(server, ExecSession.watch(container));
        watcher.ready();
        watcher.leave();
        ExecSession elsewhere = ExecSession.open(server, ExecSession.command(server.run("hold"), "cat", "cat"));
        elsewhere.ready();
        elsewhere.leave();
        sessions.forEach(ExecSession::leave);
    }

    @Test
    void ofSessionsThatComeInTheSameInstantNoCommandRunsThatHasNoRoom() {
        Container container = server.run("hold");
        List<ExecSession> sessions = new ArrayList<>();
        for (int i = 0; i < 4 * SESSIONS_PER_CONTAINER_MAX; i++) {
            sessions.add(ExecSession.open(server, ExecSession.command(container, "cat-" + i, "cat")));
        }
        long served = sessions.stream()
                .filter(session -> session.answers().isAnswered())
                .count();
        var execs = ExecsGrpc.newBlockingStub(server.channel)
                .list(ListExecsRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        assertThat(served).isEqualTo(SESSIONS_PER_CONTAINER_MAX);
        assertThat(execs.getExecsList()).as("commands that run").hasSize(SESSIONS_PER_CONTAINER_MAX);
        sessions.forEach(ExecSession::leave);
    }

    @Test
    void aClientThatLeavesFreesItsSession() {
        Container container = server.run("hold");
        int before = server.server.streams();
        ExecSession session = ExecSession.open(server, ExecSession.command(container, "left", "hold"));
        session.ready();
        session.stdin("x".repeat(200_000));
        session.leave();
        await().until(() -> server.server.streams() <= before);
    }

    private static Status.Code refusal(Start.Builder start) {
        return ExecSession.open(server, start).answers().end().getCode();
    }
}
