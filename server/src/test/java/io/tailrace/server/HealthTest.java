package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.util.Durations;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.CreateContainerRequest;
import io.tailrace.api.v1.ExitReason;
import io.tailrace.api.v1.GetContainerRequest;
import io.tailrace.api.v1.ListContainersRequest;
import io.tailrace.api.v1.StandardStream;
import io.tailrace.api.v1.WaitCondition;
import io.tailrace.api.v1.WaitContainerRequest;
import io.tailrace.api.v1.WaitContainerResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HealthTest {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Container run(String... probe) {
        CreateContainerRequest.Builder request = TestServer.newContainer("hold").setStart(true);
        request.getSpecBuilder()
                .getHealthCheckBuilder()
                .addTest("CMD")
                .addAllTest(List.of(probe))
                .setRetries(1)
                .setInterval(Durations.fromMillis(20));
        return server.containers().create(request.build());
    }

    private static WaitContainerResponse awaitHealthy(Container container) {
        return server.containers()
                .wait(WaitContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .setCondition(WaitCondition.WAIT_CONDITION_HEALTHY)
                        .build());
    }

    private static Container get(Container container) {
        return server.containers()
                .get(GetContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
    }

    @Test
    void aHealthyContainerTellsItsResults() {
        Container container = run("echo", "fine");
        assertThat(awaitHealthy(container).getStatus().getState()).isEqualTo("running");
        var health = get(container).getHealth();
        assertThat(health.getStatus()).isEqualTo("healthy");
        assertThat(health.getResults(0).getOutput().toStringUtf8()).isEqualTo("fine\n");
        assertThat(health.getResults(0).hasStartedAt()).isTrue();
        assertThat(get(container).getSpec().getHealthCheck().getTestList()).containsExactly("CMD", "echo", "fine");
    }

    @Test
    void waitingForAnUnhealthyOneFailsAtOnceAndSaysWhy() {
        Container container = run("both", "out", "err", "9");
        StatusRuntimeException failure =
                catchThrowableOfType(StatusRuntimeException.class, () -> awaitHealthy(container));
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(failure.getStatus().getDescription()).contains("unhealthy", "exit code 9", "out", "err");
        assertThat(get(container).getHealth().getFailingStreak()).isPositive();
    }

    @Test
    void aCrashIsToldByGetAndWaitButNotByList() {
        Container container = server.ran("both", "last words", "oops", "3");
        var crash = get(container).getCrash();
        assertThat(crash.getExit().getReason()).isEqualTo(ExitReason.EXIT_REASON_EXITED);
        assertThat(crash.getExit().getExitCode()).isEqualTo(3);
        assertThat(crash.getLinesList())
                .extracting(line -> line.getData().toStringUtf8())
                .containsExactlyInAnyOrder("last words", "oops");
        assertThat(crash.getLinesList())
                .filteredOn(line -> line.getStream() == StandardStream.STANDARD_STREAM_STDERR)
                .hasSize(1);
        assertThat(server.containers()
                        .wait(WaitContainerRequest.newBuilder()
                                .setContainer(container.getId())
                                .build())
                        .getCrash())
                .isEqualTo(crash);
        assertThat(server.containers()
                        .list(ListContainersRequest.newBuilder().setAll(true).build())
                        .getContainersList())
                .noneMatch(Container::hasCrash);
        assertThat(get(server.ran("true")).hasCrash()).isFalse();
    }

    @Test
    void aCheckThatIsNoneIsRefused() {
        CreateContainerRequest.Builder request = TestServer.newContainer("hold");
        request.getSpecBuilder().getHealthCheckBuilder().addTest("PING");
        assertThatThrownBy(() -> server.containers().create(request.build()))
                .hasMessageContaining("INVALID_ARGUMENT")
                .hasMessageContaining("healthCheck test: PING");
    }
}
