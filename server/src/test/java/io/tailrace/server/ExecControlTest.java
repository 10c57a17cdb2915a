package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.api.exec.ContainerControlRequest;
import io.tailrace.api.exec.ContainerControlResponse;
import io.tailrace.api.exec.ContainerSignalRequest;
import io.tailrace.api.exec.ContainerStatusRequest;
import io.tailrace.api.exec.ExecGrpc;
import io.tailrace.api.v1.Container;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Exec service's unary calls: status, pause, resume, signals. */
class ExecControlTest {
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
        assertThat(ExecSession.open(server, ExecSession.watch(container)).watched())
                .last()
                .asString()
                .startsWith("exit:1");
    }

    private static ExecGrpc.ExecBlockingStub exec() {
        return ExecGrpc.newBlockingStub(server.channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }
}
