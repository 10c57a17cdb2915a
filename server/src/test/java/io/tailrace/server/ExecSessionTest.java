package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.tailrace.api.exec.SessionResponse;
import io.tailrace.api.exec.Start;
import io.tailrace.api.v1.Container;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Commands run over the Exec service: their stdin and terminal, and who joins them or comes back. */
class ExecSessionTest {
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
    void aCommandRunsAsAnExec() {
        Container container = server.run("hold");
        Start.Builder start = ExecSession.command(container, "greet", "sh", "-c", "echo $WHO; exit 4")
                .putEnv("WHO", "world");
        assertThat(ExecSession.open(server, start).watched()).containsExactly("ready", "out:world\n", "exit:4");
    }

    @Test
    void whoNamesAnExecAgainJoinsIt() {
        Container container = server.run("hold");
        Start.Builder start = ExecSession.command(container, "shared", "echo", "once");
        assertThat(ExecSession.open(server, start).watched()).endsWith("exit:0");
        assertThat(ExecSession.open(server, start).watched()).containsExactly("ready", "out:once\n", "exit:0");
        assertThat(ExecSession.open(
                                server,
                                Start.newBuilder()
                                        .setContainerId(container.getId())
                                        .setExecId("shared"))
                        .watched())
                .contains("out:once\n");
        assertThat(ExecSession.open(server, ExecSession.command(container, "shared", "echo", "other"))
                        .answers()
                        .end()
                        .getCode())
                .isEqualTo(Status.Code.ALREADY_EXISTS);
    }

    @Test
    void anExecIdMayBeAnyText() {
        Container container = server.run("hold");
        Start.Builder start =
                ExecSession.command(container, "exec:with/strange characters " + "é".repeat(100), "echo", "x");
        assertThat(ExecSession.open(server, start).watched()).endsWith("out:x\n", "exit:0");
        assertThat(ExecSession.open(server, start).watched()).endsWith("out:x\n", "exit:0");
    }

    @Test
    void aCommandWithoutAnExecIdOfItsOwnRunsAnewWhenItHasEnded() {
        Container container = server.run("hold");
        Start.Builder start =
                ExecSession.command(container, container.getId(), "cat").setTty(true);
        ExecSession first = ExecSession.open(server, start);
        String id = first.ready();
        ExecSession joined = ExecSession.open(server, start);
        assertThat(joined.ready().split("-")[0]).startsWith(container.getId());
        first.stdin("both\n");
        assertThat(joined.until("both")).contains("both");
        first.stdin("");
        assertThat(first.answers().drain(new ArrayList<>()).isOk()).isTrue();
        ExecSession second = ExecSession.open(server, start);
        assertThat(execOf(second.ready())).isNotEqualTo(execOf(id));
        second.leave();
    }

    private static String execOf(String sessionId) {
        return sessionId.split(":")[1];
    }

    @Test
    void stdinIsWrittenAndItsEmptyMessageEndsIt() {
        Container container = server.run("hold");
        ExecSession session = ExecSession.open(server, ExecSession.command(container, "cat", "cat"));
        session.ready();
        session.stdin("hello");
        session.until("hello");
        session.stdin("");
        assertThat(session.watched()).containsExactly("exit:0");
    }

    @Test
    void aHalfCloseEndsTheStdinOfACommandAndTheOutputGoesOn() {
        Container container = server.run("hold");
        ExecSession session =
                ExecSession.open(server, ExecSession.command(container, "half", "sh", "-c", "cat; echo after"));
        session.ready();
        session.stdin("before;");
        session.requests().onCompleted();
        assertThat(String.join("", session.watched()).replace("out:", "")).isEqualTo("before;after\nexit:0");
    }

    @Test
    void aClientThatLeavesCanComeBackAndGoOnWriting() {
        Container container = server.run("hold");
        ExecSession session =
                ExecSession.open(server, ExecSession.command(container, "left", "sh", "-c", "cat; echo after"));
        String id = session.ready();
        // As clients on Node leave: the end of their half comes right before the end of the call.
        session.requests().onCompleted();
        session.answers().cancel();

        ExecSession again = ExecSession.open(server, Start.newBuilder().setSessionId(id));
        again.ready();
        again.stdin("back;");
        again.stdin("");
        assertThat(String.join("", again.watched()).replace("out:", "")).isEqualTo("back;after\nexit:0");
    }

    @Test
    void aTerminalHasASizeThatCanBeChanged() {
        Container container = server.run("hold");
        ExecSession session = ExecSession.open(
                server, ExecSession.command(container, "tty", "size").setTty(true));
        SessionResponse ready = session.answers().next();
        assertThat(ready.getReady().getTerminalSize().getWidth()).isEqualTo(80);
        assertThat(ready.getReady().getTerminalSize().getHeight()).isEqualTo(24);
        session.resize(0, 0);
        session.resize(132, 50);
        session.stdin("\n");
        session.until("50 132");
        session.leave();
    }

    @Test
    void ofSizesThatComeInABurstTheLastHoldsBeforeWhatFollows() {
        Container container = server.run("hold");
        int burst = 50;
        ExecSession sizes = ExecSession.open(
                server, ExecSession.command(container, "sizes", "size").setTty(true));
        ExecSession resizes = ExecSession.open(
                server, ExecSession.command(container, "resizes", "resizes").setTty(true));
        for (ExecSession session : List.of(sizes, resizes)) {
            session.ready();
            for (int i = 1; i <= burst; i++) {
                session.resize(100 + i, i);
            }
            session.resize(70_000, 1);
            session.stdin("\n");
        }
        sizes.until("50 150");
        String said = resizes.until("times");
        assertThat(Integer.parseInt(said.replaceAll("(?s).*resized (\\d+) times.*", "$1")))
                .isBetween(1, burst - 1);
        sizes.leave();
        resizes.leave();
    }

    @Test
    void aTerminalIsComeBackTo() {
        Container container = server.run("hold");
        ExecSession session = ExecSession.open(
                server, ExecSession.command(container, "shell", "cat").setTty(true));
        String id = session.ready();
        assertThat(id).matches(container.getId() + ":shell:[0-9]{19}-[0-9a-f]{16}");
        session.stdin("first ");
        session.until("first ");
        session.leave();

        ExecSession again = ExecSession.open(server, Start.newBuilder().setSessionId(id));
        SessionResponse begun = again.answers().next();
        assertThat(begun.getReady().getReplayComplete()).isFalse();
        assertThat(begun.getReady().getSessionId()).isEqualTo(id);
        assertThat(again.answers().next().getStdout().toStringUtf8()).isEqualTo("first ");
        SessionResponse replayed = again.answers().next();
        assertThat(replayed.getReady().getReplayComplete()).isTrue();
        again.stdin("second");
        again.until("second");
        again.stdin("");
        assertThat(again.answers().all().getLast().getExit()).isZero();

        ExecSession late = ExecSession.open(server, Start.newBuilder().setSessionId(id));
        assertThat(String.join("", late.watched()).replace("out:", "")).isEqualTo("readyfirst secondreadyexit:0");
    }
}
