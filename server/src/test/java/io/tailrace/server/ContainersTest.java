package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.ContainerSpec;
import io.tailrace.api.v1.ContainerStatsRequest;
import io.tailrace.api.v1.CreateContainerRequest;
import io.tailrace.api.v1.CreateExecRequest;
import io.tailrace.api.v1.ExecsGrpc;
import io.tailrace.api.v1.ExitReason;
import io.tailrace.api.v1.GetContainerRequest;
import io.tailrace.api.v1.GetExecRequest;
import io.tailrace.api.v1.GetInfoRequest;
import io.tailrace.api.v1.KillContainerRequest;
import io.tailrace.api.v1.ListContainersRequest;
import io.tailrace.api.v1.ListExecsRequest;
import io.tailrace.api.v1.PauseContainerRequest;
import io.tailrace.api.v1.RemoveContainerRequest;
import io.tailrace.api.v1.RestartContainerRequest;
import io.tailrace.api.v1.ResumeContainerRequest;
import io.tailrace.api.v1.StartContainerRequest;
import io.tailrace.api.v1.StopContainerRequest;
import io.tailrace.api.v1.SystemGrpc;
import io.tailrace.api.v1.WaitCondition;
import io.tailrace.api.v1.WaitContainerRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ContainersTest {
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
    void aContainerGoesThroughItsLife() {
        Container container = server.create("hold");
        String id = container.getId();
        assertThat(container.getStatus().getState()).isEqualTo("created");
        assertThat(container.getArgumentsList()).containsExactly("hold");
        assertThat(container.getRuntime()).isEqualTo("scripted");
        assertThat(server.containers()
                        .start(StartContainerRequest.newBuilder()
                                .setContainer(id)
                                .build())
                        .getStatus()
                        .getState())
                .isEqualTo("running");
        assertThat(server.containers()
                        .pause(PauseContainerRequest.newBuilder()
                                .setContainer(id)
                                .build())
                        .getStatus()
                        .getState())
                .isEqualTo("paused");
        assertThat(server.containers()
                        .resume(ResumeContainerRequest.newBuilder()
                                .setContainer(id)
                                .build())
                        .getStatus()
                        .getState())
                .isEqualTo("running");
        assertThat(server.containers()
                        .restart(RestartContainerRequest.newBuilder()
                                .setContainer(id)
                                .build())
                        .getStatus()
                        .getState())
                .isEqualTo("running");
        Container stopped = server.containers()
                .stop(StopContainerRequest.newBuilder()
                        .setContainer(id)
                        .setGrace(Duration.newBuilder().setSeconds(5))
                        .build());
        assertThat(stopped.getStatus().getState()).isEqualTo("exited");
        assertThat(stopped.getStatus().getExit().getReason()).isEqualTo(ExitReason.EXIT_REASON_STOPPED);
        server.containers()
                .remove(RemoveContainerRequest.newBuilder().setContainer(id).build());
        assertThat(server.containers()
                        .get(GetContainerRequest.newBuilder().setContainer(id).build())
                        .getStatus()
                        .getState())
                .isEqualTo("removed");
    }

    @Test
    void whatWasAskedForComesBack() {
        CreateContainerRequest request =
                TestServer.newContainer("sleep", "1").setName("asked").build();
        ContainerSpec spec = request.getSpec().toBuilder()
                .putEnvironment("A", "b")
                .setWorkingDirectory("/work")
                .putLabels("team", "blue")
                .setTty(true)
                .setStopGrace(Duration.newBuilder().setSeconds(3))
                .build();
        Container container =
                server.containers().create(request.toBuilder().setSpec(spec).build());
        assertThat(container.getName()).isEqualTo("asked");
        assertThat(container.getSpec().getEnvironmentMap()).containsEntry("A", "b");
        assertThat(container.getSpec().getTerminalSize().getColumns()).isEqualTo(80);
        assertThat(container.getSpec().getStopGrace().getSeconds()).isEqualTo(3);
        assertThat(server.containers()
                        .list(ListContainersRequest.newBuilder()
                                .setAll(true)
                                .putLabels("team", "")
                                .build())
                        .getContainersList())
                .extracting(Container::getId)
                .containsExactly(container.getId());
    }

    @Test
    void aRepeatedCreateMakesNoSecondContainer() {
        String id = "ab".repeat(32);
        CreateContainerRequest request =
                TestServer.newContainer("hold").setId(id).setStart(true).build();
        assertThat(server.containers().create(request).getId()).isEqualTo(id);
        Container again = server.containers().create(request);
        assertThat(again.getId()).isEqualTo(id);
        assertThat(again.getStatus().getState()).isEqualTo("running");
    }

    @Test
    void theListLeavesOutWhatDoesNotRun() {
        Container created = server.create("hold");
        Container running = server.run("hold");
        assertThat(ids(ListContainersRequest.getDefaultInstance()))
                .contains(running.getId())
                .doesNotContain(created.getId());
        assertThat(ids(ListContainersRequest.newBuilder().setAll(true).build()))
                .contains(running.getId(), created.getId());
        server.containers()
                .remove(RemoveContainerRequest.newBuilder()
                        .setContainer(created.getId())
                        .build());
        assertThat(ids(ListContainersRequest.newBuilder().setAll(true).build())).doesNotContain(created.getId());
        assertThat(ids(ListContainersRequest.newBuilder().setRemoved(true).build()))
                .contains(created.getId());
    }

    private static java.util.List<String> ids(ListContainersRequest request) {
        return server.containers().list(request).getContainersList().stream()
                .map(Container::getId)
                .toList();
    }

    @Test
    void aWaitEndsWithTheExit() {
        Container container = server.run("exit", "7");
        var answer = server.containers()
                .wait(WaitContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        assertThat(answer.getStatus().getExit().getExitCode()).isEqualTo(7);
        assertThat(answer.getStatus().getExit().getReason()).isEqualTo(ExitReason.EXIT_REASON_EXITED);
    }

    @Test
    void aWaitThatTakesTooLongSaysSo() {
        Container container = server.run("hold");
        WaitContainerRequest request = WaitContainerRequest.newBuilder()
                .setContainer(container.getId())
                .setCondition(WaitCondition.WAIT_CONDITION_NEXT_EXIT)
                .setTimeout(Duration.newBuilder().setNanos(1_000_000))
                .build();
        assertFails(() -> server.containers().wait(request), Status.Code.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED");
    }

    @Test
    void statsSayWhatIsUsed() {
        Container container = server.run("hold");
        var stats = server.containers()
                .stats(ContainerStatsRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        assertThat(stats.hasTime()).isTrue();
        assertThat(stats.getPids()).isPositive();
    }

    @Test
    void execsAreMadeFoundAndListed() {
        Container container = server.run("hold");
        var execs = ExecsGrpc.newBlockingStub(server.channel);
        var exec = execs.create(CreateExecRequest.newBuilder()
                .setContainer(container.getId())
                .setId("one")
                .addCommand("echo")
                .addCommand("hello")
                .build());
        assertThat(exec.getContainer()).isEqualTo(container.getId());
        assertThat(execs.get(GetExecRequest.newBuilder()
                                .setContainer(container.getId())
                                .setExec("one")
                                .build())
                        .getCommandList())
                .containsExactly("echo", "hello");
        assertThat(execs.list(ListExecsRequest.newBuilder()
                                .setContainer(container.getId())
                                .build())
                        .getExecsList())
                .hasSize(1);
    }

    @Test
    void aKillMayGoToAnExec() {
        Container container = server.run("hold");
        var execs = ExecsGrpc.newBlockingStub(server.channel);
        execs.create(CreateExecRequest.newBuilder()
                .setContainer(container.getId())
                .setId("held")
                .addCommand("hold")
                .build());
        server.containers()
                .kill(KillContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .setExec("held")
                        .setSignal("sigkill")
                        .build());
        assertThat(server.containers()
                        .get(GetContainerRequest.newBuilder()
                                .setContainer(container.getId())
                                .build())
                        .getStatus()
                        .getState())
                .isEqualTo("running");
    }

    @Test
    void theServerTellsAboutItself() {
        var info = SystemGrpc.newBlockingStub(server.channel).getInfo(GetInfoRequest.getDefaultInstance());
        assertThat(info.getRuntime()).isEqualTo("scripted");
        assertThat(info.getCapabilitiesList()).contains("exec", "pause");
        assertThat(info.getRetention().getSeconds()).isEqualTo(300);
    }

    @Test
    void everyFailureHasItsStatusAndItsReason() {
        Container running = server.run("hold");
        String name = running.getName();
        assertFails(
                () -> server.containers()
                        .get(GetContainerRequest.newBuilder()
                                .setContainer("nobody")
                                .build()),
                Status.Code.NOT_FOUND,
                "NOT_FOUND");
        assertFails(
                () -> server.containers().get(GetContainerRequest.getDefaultInstance()),
                Status.Code.INVALID_ARGUMENT,
                "INVALID_ARGUMENT");
        assertFails(
                () -> server.containers()
                        .create(TestServer.newContainer("hold").setName(name).build()),
                Status.Code.ALREADY_EXISTS,
                "ALREADY_EXISTS");
        assertFails(
                () -> server.containers()
                        .start(StartContainerRequest.newBuilder()
                                .setContainer(name)
                                .build()),
                Status.Code.FAILED_PRECONDITION,
                "FAILED_PRECONDITION");
        assertFails(() -> server.run("no-such-command"), Status.Code.FAILED_PRECONDITION, "COMMAND_NOT_FOUND");
        assertFails(
                () -> server.containers()
                        .kill(KillContainerRequest.newBuilder()
                                .setContainer(name)
                                .setSignal("NOPE")
                                .build()),
                Status.Code.INVALID_ARGUMENT,
                "INVALID_ARGUMENT");
        assertFails(
                () -> server.containers()
                        .stop(StopContainerRequest.newBuilder()
                                .setContainer(name)
                                .setGrace(Duration.newBuilder().setSeconds(-1))
                                .build()),
                Status.Code.INVALID_ARGUMENT,
                "INVALID_ARGUMENT");
    }

    private static void assertFails(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call, Status.Code code, String reason) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StatusRuntimeException.class, failure -> {
            assertThat(failure.getStatus().getCode()).isEqualTo(code);
            assertThat(failure.getStatus().getDescription()).isNotEmpty();
            var details = StatusProto.fromThrowable(failure).getDetailsList();
            assertThat(details).hasSize(1);
            assertThat(unpack(details.getFirst()).getReason()).isEqualTo(reason);
            assertThat(unpack(details.getFirst()).getDomain()).isEqualTo("tailrace");
        });
    }

    private static ErrorInfo unpack(Any detail) {
        try {
            return detail.unpack(ErrorInfo.class);
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
