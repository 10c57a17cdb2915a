package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.tailrace.api.exec.ContainerControlRequest;
import io.tailrace.api.exec.ContainerControlResponse;
import io.tailrace.api.exec.ContainerLifecycleEvent;
import io.tailrace.api.exec.ContainerLifecycleRequest;
import io.tailrace.api.exec.ContainerSignalRequest;
import io.tailrace.api.exec.ContainerStatusRequest;
import io.tailrace.api.exec.ExecGrpc;
import io.tailrace.api.exec.Resize;
import io.tailrace.api.exec.SessionRequest;
import io.tailrace.api.exec.SessionResponse;
import io.tailrace.api.exec.Start;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.Exec;
import io.tailrace.api.v1.ExecsGrpc;
import io.tailrace.api.v1.ListExecsRequest;
import io.tailrace.api.v1.PauseContainerRequest;
import io.tailrace.api.v1.RemoveContainerRequest;
import io.tailrace.api.v1.ResumeContainerRequest;
import io.tailrace.api.v1.StartContainerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExecServiceTest {
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

    private static ExecGrpc.ExecBlockingStub exec() {
        return ExecGrpc.newBlockingStub(server.channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    /** A session: what the client sends, and what it gets. */
    private record Session(StreamObserver<SessionRequest> requests, Answers<SessionRequest, SessionResponse> answers) {
        static Session open(Start.Builder start) {
            return open(ExecGrpc.newStub(server.channel), start);
        }

        static Session open(ExecGrpc.ExecStub stub, Start.Builder start) {
            var answers = Answers.<SessionRequest, SessionResponse>flowing();
            var requests = stub.session(answers);
            requests.onNext(SessionRequest.newBuilder().setStart(start).build());
            return new Session(requests, answers);
        }

        String ready() {
            SessionResponse first = answers.next();
            assertThat(first.hasReady()).isTrue();
            return first.getReady().getSessionId();
        }

        void stdin(String text) {
            requests.onNext(SessionRequest.newBuilder()
                    .setStdin(ByteString.copyFromUtf8(text))
                    .build());
        }

        void resize(int width, int height) {
            requests.onNext(SessionRequest.newBuilder()
                    .setResize(Resize.newBuilder().setWidth(width).setHeight(height))
                    .build());
        }

        /** Output until it holds a text. */
        String until(String text) {
            var output = new StringBuilder();
            while (!output.toString().contains(text)) {
                output.append(answers.next().getStdout().toStringUtf8());
            }
            return output.toString();
        }

        void leave() {
            answers.cancel();
        }
    }

    /** What a client gets that only watches, as a list of texts: {@code out:...}, {@code err:...}, {@code exit:...}. */
    private static List<String> watched(Session session) {
        List<String> seen = new ArrayList<>();
        for (SessionResponse response : session.answers().all()) {
            switch (response.getMsgCase()) {
                case STDOUT -> seen.add("out:" + response.getStdout().toStringUtf8());
                case STDERR -> seen.add("err:" + response.getStderr().toStringUtf8());
                case EXIT -> seen.add("exit:" + response.getExit());
                case READY -> seen.add("ready");
                case OUTPUT_CHUNK, MSG_NOT_SET -> seen.add("unexpected");
            }
        }
        return seen;
    }

    /** As streamLogs() of the clients of old. */
    private static Start.Builder watch(Container container) {
        return Start.newBuilder().setContainerId(container.getId()).setExecId(container.getId());
    }

    private static Start.Builder command(Container container, String execId, String... command) {
        return Start.newBuilder()
                .setContainerId(container.getId())
                .setExecId(execId)
                .addAllCommand(List.of(command));
    }

    @Test
    void aWatcherGetsReadyThenOutputThenTheExitLast() {
        List<String> seen =
                watched(Session.open(watch(server.run("sh", "-c", "echo a; sleep 0.1; echo b >&2; exit 3"))));
        assertThat(seen).containsExactly("ready", "out:a\n", "err:b\n", "exit:3");
    }

    @Test
    void anExitOfZeroArrives() {
        assertThat(watched(Session.open(watch(server.run("true"))))).containsExactly("ready", "exit:0");
    }

    @Test
    void aLateWatcherGetsTheWholeBacklogAndTheExit() {
        Container container = server.ran("both", "out", "err", "5");
        for (int i = 0; i < 3; i++) {
            assertThat(watched(Session.open(watch(container))))
                    .contains("out:out", "err:err")
                    .endsWith("exit:5");
        }
        server.containers()
                .remove(RemoveContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        assertThat(watched(Session.open(watch(container)))).contains("out:out").endsWith("exit:5");
    }

    @Test
    void manyWatchersGetTheSame() {
        Container container = server.create("sh", "-c", "echo one; sleep 0.1; echo two; exit 2");
        List<Session> sessions =
                Stream.generate(() -> Session.open(watch(container))).limit(50).toList();
        server.containers()
                .start(StartContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        for (Session session : sessions) {
            assertThat(String.join("", watched(session))).isEqualTo("readyout:one\nout:two\nexit:2");
        }
    }

    @Test
    void aWatcherOfAContainerThatWaitsForItsStartWaitsToo() {
        Container container = server.create("echo", "later");
        Session session = Session.open(watch(container));
        session.ready();
        server.containers()
                .start(StartContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        assertThat(watched(session)).containsExactly("out:later\n", "exit:0");
    }

    @Test
    void aWatcherMayNameTheContainerOrAnExecIdThatNobodyKnows() {
        Container container = server.ran("echo", "x");
        assertThat(watched(Session.open(
                        Start.newBuilder().setContainerId(container.getName()).setExecId(container.getName()))))
                .endsWith("out:x\n", "exit:0");
        assertThat(watched(Session.open(
                        Start.newBuilder().setContainerId(container.getId()).setExecId("unheard-of"))))
                .endsWith("out:x\n", "exit:0");
    }

    @Test
    void aCommandRunsAsAnExec() {
        Container container = server.run("hold");
        Start.Builder start =
                command(container, "greet", "sh", "-c", "echo $WHO; exit 4").putEnv("WHO", "world");
        assertThat(watched(Session.open(start))).containsExactly("ready", "out:world\n", "exit:4");
    }

    @Test
    void whoNamesAnExecAgainJoinsIt() {
        Container container = server.run("hold");
        Start.Builder start = command(container, "shared", "echo", "once");
        assertThat(watched(Session.open(start))).endsWith("exit:0");
        assertThat(watched(Session.open(start))).containsExactly("ready", "out:once\n", "exit:0");
        assertThat(watched(Session.open(
                        Start.newBuilder().setContainerId(container.getId()).setExecId("shared"))))
                .contains("out:once\n");
        assertThat(Session.open(command(container, "shared", "echo", "other"))
                        .answers()
                        .end()
                        .getCode())
                .isEqualTo(Status.Code.ALREADY_EXISTS);
    }

    @Test
    void anExecIdMayBeAnyText() {
        Container container = server.run("hold");
        Start.Builder start = command(container, "exec:with/strange characters " + "é".repeat(100), "echo", "x");
        assertThat(watched(Session.open(start))).endsWith("out:x\n", "exit:0");
        assertThat(watched(Session.open(start))).endsWith("out:x\n", "exit:0");
    }

    @Test
    void aCommandWithoutAnExecIdOfItsOwnRunsAnewWhenItHasEnded() {
        Container container = server.run("hold");
        Start.Builder start = command(container, container.getId(), "cat").setTty(true);
        Session first = Session.open(start);
        String id = first.ready();
        Session joined = Session.open(start);
        assertThat(joined.ready().split("-")[0]).startsWith(container.getId());
        first.stdin("both\n");
        assertThat(joined.until("both")).contains("both");
        first.stdin("");
        assertThat(first.answers().drain(new ArrayList<>()).isOk()).isTrue();
        Session second = Session.open(start);
        assertThat(execOf(second.ready())).isNotEqualTo(execOf(id));
        second.leave();
    }

    private static String execOf(String sessionId) {
        return sessionId.split(":")[1];
    }

    @Test
    void stdinIsWrittenAndItsEmptyMessageEndsIt() {
        Container container = server.run("hold");
        Session session = Session.open(command(container, "cat", "cat"));
        session.ready();
        session.stdin("hello");
        session.until("hello");
        session.stdin("");
        assertThat(watched(session)).containsExactly("exit:0");
    }

    @Test
    void aHalfCloseEndsTheStdinOfACommandAndTheOutputGoesOn() {
        Container container = server.run("hold");
        Session session = Session.open(command(container, "half", "sh", "-c", "cat; echo after"));
        session.ready();
        session.stdin("before;");
        session.requests().onCompleted();
        assertThat(String.join("", watched(session)).replace("out:", "")).isEqualTo("before;after\nexit:0");
    }

    @Test
    void aClientThatLeavesCanComeBackAndGoOnWriting() {
        Container container = server.run("hold");
        Session session = Session.open(command(container, "left", "sh", "-c", "cat; echo after"));
        String id = session.ready();
        // As clients on Node leave: the end of their half comes right before the end of the call.
        session.requests().onCompleted();
        session.answers().cancel();

        Session again = Session.open(Start.newBuilder().setSessionId(id));
        again.ready();
        again.stdin("back;");
        again.stdin("");
        assertThat(String.join("", watched(again)).replace("out:", "")).isEqualTo("back;after\nexit:0");
    }

    @Test
    void aHalfCloseOfAWatcherChangesNothing() {
        Container container = server.run("sh", "-c", "sleep 0.2; echo still here");
        Session session = Session.open(watch(container));
        session.requests().onCompleted();
        assertThat(watched(session)).containsExactly("ready", "out:still here\n", "exit:0");
    }

    @Test
    void whatTheProcessCannotTakeIsIgnored() {
        Container container = server.run("sh", "-c", "sleep 0.3; echo done");
        Session session = Session.open(watch(container));
        session.ready();
        session.stdin("it has no stdin");
        session.resize(100, 40);
        session.resize(0, 0);
        session.resize(-1, 1_000_000);
        session.requests().onNext(SessionRequest.getDefaultInstance());
        assertThat(watched(session)).containsExactly("out:done\n", "exit:0");
    }

    @Test
    void aTerminalHasASizeThatCanBeChanged() {
        Container container = server.run("hold");
        Session session = Session.open(command(container, "tty", "size").setTty(true));
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
    void aSecondStartIsRefused() {
        Container container = server.run("hold");
        Session session = Session.open(watch(container));
        session.ready();
        session.requests()
                .onNext(SessionRequest.newBuilder().setStart(watch(container)).build());
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
        assertThat(refusal(command(server.create("hold"), "x", "true"))).isEqualTo(Status.Code.FAILED_PRECONDITION);
    }

    private static Status.Code refusal(Start.Builder start) {
        return Session.open(start).answers().end().getCode();
    }

    @Test
    void aTerminalIsComeBackTo() {
        Container container = server.run("hold");
        Session session = Session.open(command(container, "shell", "cat").setTty(true));
        String id = session.ready();
        assertThat(id).matches(container.getId() + ":shell:[0-9]{19}-[0-9a-f]{16}");
        session.stdin("first ");
        session.until("first ");
        session.leave();

        Session again = Session.open(Start.newBuilder().setSessionId(id));
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

        Session late = Session.open(Start.newBuilder().setSessionId(id));
        assertThat(String.join("", watched(late)).replace("out:", "")).isEqualTo("readyfirst secondreadyexit:0");
    }

    @Test
    void aSessionIdMustBeGenuineAndFit() {
        Container container = server.run("hold");
        Session session = Session.open(command(container, "fit", "cat"));
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
        Session fitting = Session.open(Start.newBuilder()
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
        Session session = Session.open(watch(container).setClientId("me"));
        session.ready();
        assertThat(refusal(watch(container).setClientId("me"))).isEqualTo(Status.Code.ALREADY_EXISTS);
        Session other = Session.open(watch(container).setClientId("you"));
        other.ready();
        other.leave();
        session.leave();
        await().until(() -> {
            Session again = Session.open(watch(container).setClientId("me"));
            boolean isIn = again.answers().isAnswered();
            again.leave();
            return isIn;
        });
    }

    @Test
    void sessionsThatRunSomethingAreBoundedPerContainerAndWatchersAreNot() {
        Container container = server.run("hold");
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < SESSIONS_PER_CONTAINER_MAX; i++) {
            sessions.add(Session.open(command(container, "cat-" + i, "cat")));
            sessions.getLast().ready();
        }
        assertThat(refusal(command(container, "one-more", "cat"))).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        var execs = ExecsGrpc.newBlockingStub(server.channel)
                .list(ListExecsRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        assertThat(execs.getExecsList())
                .as("what is refused does not run")
                .extracting(Exec::getId)
                .doesNotContain("one-more");
        Session watcher = Session.open(watch(container));
        watcher.ready();
        watcher.leave();
        Session elsewhere = Session.open(command(server.run("hold"), "cat", "cat"));
        elsewhere.ready();
        elsewhere.leave();
        sessions.forEach(Session::leave);
    }

    @Test
    void ofSessionsThatComeInTheSameInstantNoCommandRunsThatHasNoRoom() {
        Container container = server.run("hold");
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < 4 * SESSIONS_PER_CONTAINER_MAX; i++) {
            sessions.add(Session.open(command(container, "cat-" + i, "cat")));
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
        sessions.forEach(Session::leave);
    }

    @Test
    void outputComesInChunksToWhoAsksForThem() {
        Container container = server.ran("both", "out", "err", "0");
        var headers = new Metadata();
        headers.put(Metadata.Key.of("tailrace-output-chunks", Metadata.ASCII_STRING_MARSHALLER), "true");
        var stub =
                ExecGrpc.newStub(server.channel).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
        List<SessionResponse> all =
                Session.open(stub, watch(container)).answers().all();
        List<SessionResponse> chunks =
                all.stream().filter(SessionResponse::hasOutputChunk).toList();
        assertThat(chunks).hasSize(2);
        long second = chunks.get(1).getOutputChunk().getSequence();
        assertThat(chunks.get(0).getOutputChunk().getSequence()).isLessThan(second);
        List<SessionResponse> rest = Session.open(stub, watch(container).setReplayFromSequence(second))
                .answers()
                .all();
        assertThat(rest.stream().filter(SessionResponse::hasOutputChunk).toList())
                .isEqualTo(chunks.subList(1, 2));
        assertThat(all.getLast().hasExit()).isTrue();
    }

    @Test
    void aClientThatLeavesFreesItsSession() {
        Container container = server.run("hold");
        int before = server.server.streams();
        Session session = Session.open(command(container, "left", "hold"));
        session.ready();
        session.stdin("x".repeat(200_000));
        session.leave();
        await().until(() -> server.server.streams() <= before);
    }

    @Test
    void aStatusTellsWhereAContainerStands() {
        Container container = server.create("exit", "9");
        var created = exec().containerStatus(status(container, true));
        assertThat(created.getStatus()).isEqualTo("created");
        assertThat(created.getStartedAt()).isZero();
        assertThat(created.hasExitCode()).isFalse();
        assertThat(created.hasResourceUsage()).isFalse();
        Container running = server.run("hold");
        var now = exec().containerStatus(status(running, true));
        assertThat(now.getStatus()).isEqualTo("running");
        assertThat(now.getStartedAt()).isPositive();
        assertThat(now.hasFinishedAt()).isFalse();
        assertThat(now.hasResourceUsage()).isTrue();
        assertThat(exec().containerStatus(status(running, false)).hasResourceUsage())
                .isFalse();
        var exited = exec().containerStatus(status(server.ran("exit", "9"), true));
        assertThat(exited.getStatus()).isEqualTo("exited");
        assertThat(exited.getExitCode()).isEqualTo(9);
        assertThat(exited.getFinishedAt()).isPositive();
    }

    private static ContainerStatusRequest status(Container container, boolean isUsageWanted) {
        return ContainerStatusRequest.newBuilder()
                .setContainerId(container.getId())
                .setIncludeResourceUsage(isUsageWanted)
                .build();
    }

    @Test
    void aStatusOfNothingFails() {
        assertThatThrownBy(() -> exec().containerStatus(ContainerStatusRequest.getDefaultInstance()))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        failure -> assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
        assertThatThrownBy(() -> exec().containerStatus(ContainerStatusRequest.newBuilder()
                        .setContainerId("nobody")
                        .build()))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        failure -> assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
    }

    @Test
    void pauseAndResumeShowAtOnce() {
        Container container = server.run("hold");
        var control = ContainerControlRequest.newBuilder()
                .setContainerId(container.getId())
                .build();
        assertThat(exec().containerPause(control).getSuccess()).isTrue();
        assertThat(exec().containerStatus(status(container, false)).getStatus()).isEqualTo("paused");
        assertThat(exec().containerResume(control).getSuccess()).isTrue();
        assertThat(exec().containerStatus(status(container, false)).getStatus()).isEqualTo("running");
    }

    @Test
    void whatCannotBeDoneIsAnAnswerAndNoFailedCall() {
        var nobody =
                ContainerControlRequest.newBuilder().setContainerId("nobody").build();
        Container running = server.run("hold");
        List<ContainerControlResponse> answers = List.of(
                exec().containerPause(nobody),
                exec().containerPause(ContainerControlRequest.getDefaultInstance()),
                exec().containerResume(ContainerControlRequest.newBuilder()
                        .setContainerId(running.getId())
                        .build()),
                exec().containerSignal(signal(running, "")),
                exec().containerSignal(signal(running, "SIGNOPE")),
                exec().containerSignal(signal(server.ran("true"), "TERM")));
        assertThat(answers).allSatisfy(answer -> {
            assertThat(answer.getSuccess()).isFalse();
            assertThat(answer.getMessage()).isNotEmpty();
        });
    }

    private static ContainerSignalRequest signal(Container container, String signal) {
        return ContainerSignalRequest.newBuilder()
                .setContainerId(container.getId())
                .setSignal(signal)
                .build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "SIGTERM", "sigterm", "term", "Kill", "INT", "HUP", "QUIT", "USR1", "USR2", "PIPE"})
    void aSignalMayBeWrittenInManyWays(String name) {
        Container container = server.run("hold");
        assertThat(exec().containerSignal(signal(container, name)).getSuccess()).isTrue();
        assertThat(watched(Session.open(watch(container)))).last().asString().startsWith("exit:1");
    }

    @Test
    void aLifecycleBringsWhatHappensAndEndsWithTheRemoval() {
        Container container = server.create("hold");
        var answers = lifecycle(container.getId());
        assertThat(answers.next().getEventType()).isEqualTo("registered");
        String id = container.getId();
        server.containers()
                .start(StartContainerRequest.newBuilder().setContainer(id).build());
        server.containers()
                .pause(PauseContainerRequest.newBuilder().setContainer(id).build());
        server.containers()
                .resume(ResumeContainerRequest.newBuilder().setContainer(id).build());
        exec().containerSignal(signal(container, "KILL"));
        assertThat(answers.next().getEventType()).isEqualTo("started");
        assertThat(answers.next().getEventType()).isEqualTo("paused");
        assertThat(answers.next().getEventType()).isEqualTo("resumed");
        ContainerLifecycleEvent exited = answers.next();
        assertThat(exited.getEventType()).isEqualTo("exited");
        assertThat(exited.getStatus()).isEqualTo("exited");
        assertThat(exited.getExitCode()).isEqualTo(137);
        assertThat(exited.getTimestamp()).isPositive();
        assertThat(exited.getMessage()).contains("137");
        server.containers()
                .remove(RemoveContainerRequest.newBuilder().setContainer(id).build());
        assertThat(answers.all())
                .extracting(ContainerLifecycleEvent::getEventType, ContainerLifecycleEvent::getMessage)
                .containsExactly(tuple("unregistered", "container was removed"));
    }

    @Test
    void aLateSubscriberGetsTheLatestEventFirst() {
        Container running = server.run("hold");
        var answers = lifecycle(running.getId());
        assertThat(answers.next().getEventType()).isEqualTo("started");
        answers.cancel();
        Container exited = server.ran("exit", "6");
        answers = lifecycle(exited.getId());
        ContainerLifecycleEvent event = answers.next();
        assertThat(event.getEventType()).isEqualTo("exited");
        assertThat(event.getExitCode()).isEqualTo(6);
        answers.cancel();
    }

    @Test
    void aSubscriberThatComesAfterTheRemovalStillGetsTheExit() {
        Container container = server.ran("exit", "6");
        server.containers()
                .remove(RemoveContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        server.ran("true");
        List<ContainerLifecycleEvent> events = lifecycle(container.getId()).all();
        assertThat(events).extracting(ContainerLifecycleEvent::getEventType).containsExactly("exited", "unregistered");
        assertThat(events.getFirst().getExitCode()).isEqualTo(6);
    }

    @Test
    void aSubscriberOfAllGetsEachContainersLatestEventAndThenWhatHappens() {
        Container before = server.run("hold");
        var answers = lifecycle("");
        List<String> seen = new ArrayList<>();
        Container after = server.run("true");
        while (!seen.contains(after.getId() + ":exited")) {
            ContainerLifecycleEvent event = answers.next();
            seen.add(event.getContainerId() + ":" + event.getEventType());
        }
        assertThat(seen).containsOnlyOnce(before.getId() + ":started");
        assertThat(seen)
                .containsSubsequence(
                        after.getId() + ":registered", after.getId() + ":started", after.getId() + ":exited");
        answers.cancel();
    }

    @Test
    void aLifecycleOfNothingIsNotFound() {
        assertThat(lifecycle("nobody").end().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    }

    private static Answers<ContainerLifecycleRequest, ContainerLifecycleEvent> lifecycle(String containerId) {
        var answers = Answers.<ContainerLifecycleRequest, ContainerLifecycleEvent>flowing();
        ExecGrpc.newStub(server.channel)
                .containerLifecycle(
                        ContainerLifecycleRequest.newBuilder()
                                .setContainerId(containerId)
                                .build(),
                        answers);
        return answers;
    }
}
