package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.tailrace.api.exec.ExecGrpc;
import io.tailrace.api.exec.SessionRequest;
import io.tailrace.api.exec.SessionResponse;
import io.tailrace.api.exec.Start;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.RemoveContainerRequest;
import io.tailrace.api.v1.StartContainerRequest;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who only watches over the Exec service: the backlog, what is new, the exit last. */
class ExecWatcherTest {
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
    void aWatcherGetsReadyThenOutputThenTheExitLast() {
        List<String> seen = ExecSession.open(
                        server, ExecSession.watch(server.run("sh", "-c", "echo a; sleep 0.1; echo b >&2; exit 3")))
                .watched();
        assertThat(seen).containsExactly("ready", "out:a\n", "err:b\n", "exit:3");
    }

    @Test
    void anExitOfZeroArrives() {
        assertThat(ExecSession.open(server, ExecSession.watch(server.run("true")))
                        .watched())
                .containsExactly("ready", "exit:0");
    }

    @Test
    void aLateWatcherGetsTheWholeBacklogAndTheExit() {
        Container container = server.ran("both", "out", "err", "5");
        for (int i = 0; i < 3; i++) {
            assertThat(ExecSession.open(server, ExecSession.watch(container)).watched())
                    .contains("out:out", "err:err")
                    .endsWith("exit:5");
        }
        server.containers()
                .remove(RemoveContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        assertThat(ExecSession.open(server, ExecSession.watch(container)).watched())
                .contains("out:out")
                .endsWith("exit:5");
    }

    @Test
    void manyWatchersGetTheSame() {
        Container container = server.create("sh", "-c", "echo one; sleep 0.1; echo two; exit 2");
        List<ExecSession> sessions = Stream.generate(() -> ExecSession.open(server, ExecSession.watch(container)))
                .limit(50)
                .toList();
        server.containers()
                .start(StartContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        for (ExecSession session : sessions) {
            assertThat(String.join("", session.watched())).isEqualTo("readyout:one\nout:two\nexit:2");
        }
    }

    @Test
    void aWatcherOfAContainerThatWaitsForItsStartWaitsToo() {
        Container container = server.create("echo", "later");
        ExecSession session = ExecSession.open(server, ExecSession.watch(container));
        session.ready();
        server.containers()
                .start(StartContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        assertThat(session.watched()).containsExactly("out:later\n", "exit:0");
    }

    @Test
    void aWatcherMayNameTheContainerOrAnExecIdThatNobodyKnows() {
        Container container = server.ran("echo", "x");
        assertThat(ExecSession.open(
                                server,
                                Start.newBuilder()
                                        .setContainerId(container.getName())
                                        .setExecId(container.getName()))
                        .watched())
                .endsWith("out:x\n", "exit:0");
        assertThat(ExecSession.open(
                                server,
                                Start.newBuilder()
                                        .setContainerId(container.getId())
                                        .setExecId("unheard-of"))
                        .watched())
                .endsWith("out:x\n", "exit:0");
    }

    @Test
    void aHalfCloseOfAWatcherChangesNothing() {
        Container container = server.run("sh", "-c", "sleep 0.2; echo still here");
        ExecSession session = ExecSession.open(server, ExecSession.watch(container));
        session.requests().onCompleted();
        assertThat(session.watched()).containsExactly("ready", "out:still here\n", "exit:0");
    }

    @Test
    void whatTheProcessCannotTakeIsIgnored() {
        Container container = server.run("sh", "-c", "sleep 0.3; echo done");
        ExecSession session = ExecSession.open(server, ExecSession.watch(container));
        session.ready();
        session.stdin("it has no stdin");
        session.resize(100, 40);
        session.resize(0, 0);
        session.resize(-1, 1_000_000);
        session.requests().onNext(SessionRequest.getDefaultInstance());
        assertThat(session.watched()).containsExactly("out:done\n", "exit:0");
    }

    @Test
    void outputComesInChunksToWhoAsksForThem() {
        Container container = server.ran("both", "out", "err", "0");
        var headers = new Metadata();
        headers.put(Metadata.Key.of("tailrace-output-chunks", Metadata.ASCII_STRING_MARSHALLER), "true");
        var stub =
                ExecGrpc.newStub(server.channel).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
        List<SessionResponse> all =
                ExecSession.open(stub, ExecSession.watch(container)).answers().all();
        List<SessionResponse> chunks =
                all.stream().filter(SessionResponse::hasOutputChunk).toList();
        assertThat(chunks).hasSize(2);
        long second = chunks.get(1).getOutputChunk().getSequence();
        assertThat(chunks.get(0).getOutputChunk().getSequence()).isLessThan(second);
        List<SessionResponse> rest = ExecSession.open(
                        stub, ExecSession.watch(container).setReplayFromSequence(second))
                .answers()
                .all();
        assertThat(rest.stream().filter(SessionResponse::hasOutputChunk).toList())
                .isEqualTo(chunks.subList(1, 2));
        assertThat(all.getLast().hasExit()).isTrue();
    }
}
