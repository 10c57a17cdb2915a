package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.ContainerSpec;
import io.tailrace.api.v1.ExitReason;
import io.tailrace.api.v1.HealthCheck;
import io.tailrace.api.v1.HealthResult;
import io.tailrace.api.v1.ListContainersRequest;
import io.tailrace.api.v1.ListExecsRequest;
import io.tailrace.api.v1.Mount;
import io.tailrace.api.v1.NetworkMode;
import io.tailrace.api.v1.WaitCondition;
import io.tailrace.api.v1.WaitContainerRequest;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whether a container is healthy is found out, told, waited for, and known again by the next server; so is why one crashed. */
@Acceptance
class HealthTest {
    private static final java.time.Duration LIMIT = java.time.Duration.ofSeconds(60);
    private static final Duration INTERVAL = Durations.fromMillis(100);

    private final TailraceServerProcess server;

    @TempDir
    Path directory;

    HealthTest(TailraceServerProcess server) {
        this.server = server;
    }

    private static HealthCheck check(String... test) {
        return HealthCheck.newBuilder()
                .addAllTest(List.of(test))
                .setInterval(INTERVAL)
                .setTimeout(Durations.fromSeconds(20))
                .setRetries(2)
                .build();
    }

    private Container await(String id, Predicate<Container> condition) {
        Waiting.until(id, LIMIT, () -> condition.test(server.api().get(id)));
        return server.api().get(id);
    }

    private Container awaitStatus(String id, String status) {
        return await(id, container -> container.getHealth().getStatus().equals(status));
    }

    private void awaitHealthy(String id) {
        var _ = server.api()
                .containers()
                .wait(WaitContainerRequest.newBuilder()
                        .setContainer(id)
                        .setCondition(WaitCondition.WAIT_CONDITION_HEALTHY)
                        .build());
    }

    @Test
    void itTurnsHealthyUnhealthyAndHealthyAgainAndItsTimelineShowsIt() {
        String id = server.api()
                .run(
                        "touch /ok; exec sleep 600",
                        spec -> spec.setHealthCheck(check("CMD-SHELL", "echo $WHO; test -e /ok"))
                                .putEnvironment("WHO", "me"))
                .getId();
        awaitHealthy(id);
        server.api().exec(id, "rm /ok");
        Container unhealthy = awaitStatus(id, "unhealthy");
        assertThat(unhealthy.getHealth().getFailingStreak()).isGreaterThanOrEqualTo(2);
        HealthResult last =
                unhealthy.getHealth().getResults(unhealthy.getHealth().getResultsCount() - 1);
        assertThat(last.getExitCode()).isEqualTo(1);
        assertThat(last.getOutput().toStringUtf8()).isEqualTo("me\n");
        assertThat(server.run("ps").stdout()).contains("(unhealthy)");
        StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, () -> awaitHealthy(id));
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(failure.getMessage()).contains("unhealthy", "exit code 1");
        server.kill();
        server.startAgain();
        assertThat(server.api().get(id).getHealth().getStatus()).isEqualTo("unhealthy");
        server.api().exec(id, "touch /ok");
        awaitStatus(id, "healthy");
        assertThat(server.run("logs", "--json", id).succeeded().stdout())
                .containsSubsequence("\"health\":\"healthy\"", "\"health\":\"unhealthy\"", "\"health\":\"healthy\"");
        assertThat(server.api()
                        .execs()
                        .list(ListExecsRequest.newBuilder().setContainer(id).build())
                        .getExecsCount())
                .as("the test's own two")
                .isEqualTo(2);
        server.api().remove(id);
    }

    @Test
    void aProbeThatHangsIsKilled() {
        String id = server.api()
                .run(
                        "exec sleep 600",
                        spec -> spec.setHealthCheck(check("CMD", "sh", "-c", "echo waiting; exec sleep 500").toBuilder()
                                .setTimeout(Durations.fromMillis(500))
                                .setRetries(1)))
                .getId();
        Container container = awaitStatus(id, "unhealthy");
        HealthResult result = container.getHealth().getResults(0);
        assertThat(result.getExitCode()).isEqualTo(-1);
        assertThat(result.getOutput().toStringUtf8()).startsWith("waiting\n").contains("was killed");
        Waiting.until("no probe to be left", LIMIT, () -> {
            String top = server.run("exec", id, "ps").stdout();
            return top.lines().filter(line -> line.contains("sleep 500")).count() <= 1;
        });
        server.api().remove(id);
    }

    @Test
    void anImagesOwnCheckHoldsUnlessItIsTurnedOff() throws Exception {
        Path archive = new Archives(directory)
                .dockerArchive(
                        "checked:1", Map.of("Test", List.of("CMD", "/bin/cat", "/motd"), "Interval", 100_000_000));
        server.run("image", "import", archive.toString()).succeeded();
        String id = server.api()
                .run(
                        "",
                        spec -> spec.setImage("checked:1")
                                .clearCommand()
                                .addAllCommand(List.of("/bin/busybox", "sleep", "600")))
                .getId();
        awaitHealthy(id);
        assertThat(server.api().get(id).getHealth().getResults(0).getOutput().toStringUtf8())
                .isEqualTo("from a layer\n");
        server.api().remove(id);
        Command.Result none = server.run(
                "run",
                "-d",
                "--name=unchecked",
                "--no-healthcheck",
                "--network=none",
                "checked:1",
                "/bin/busybox",
                "sleep",
                "600");
        none.succeeded();
        assertThat(server.api().get("unchecked").hasHealth()).isFalse();
        Command.Result waited = server.run("wait", "--condition=healthy", "unchecked");
        assertThat(waited.exitCode()).isEqualTo(1);
        assertThat(waited.stderr()).contains("has no health check");
        server.run("rm", "-f", "unchecked").succeeded();
        server.run("image", "rm", "checked:1").succeeded();
    }

    @ParameterizedTest
    @EnumSource(
            value = NetworkMode.class,
            names = {"NETWORK_MODE_NONE", "NETWORK_MODE_BRIDGE"})
    void anHttpProbeReachesTheContainerInEveryNetwork(NetworkMode network) {
        String answer = "while :; do printf 'HTTP/1.1 200 OK\\r\\n\\r\\nfine' | nc -l -p 8080 >/dev/null; done";
        String id = server.api()
                .run(
                        answer,
                        spec -> spec.setNetwork(network)
                                .setHealthCheck(check("HTTP", "8080/health").toBuilder()
                                        .setTimeout(Durations.fromSeconds(1))
                                        .setRetries(1000)))
                .getId();
        awaitHealthy(id);
        server.api().remove(id);
    }

    @Test
    void aSocketInTheContainerIsProbed() throws Exception {
        Path shared = Files.createDirectories(directory.resolve("run"));
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(shared.resolve("app.sock")));
            String id = server.api()
                    .run(
                            "ln -s /shared/app.sock /app; exec sleep 600",
                            spec -> spec.setHealthCheck(check("SOCKET", "/app"))
                                    .addMounts(Mount.newBuilder()
                                            .setType(Mount.Type.TYPE_BIND)
                                            .setSource(shared.toString())
                                            .setTarget("/shared")))
                    .getId();
            awaitHealthy(id);
            listener.close();
            awaitStatus(id, "unhealthy");
            server.api().remove(id);
        }
    }

    @Test
    void whoWaitsTooLongIsToldByAnExitCodeOfItsOwn() {
        server.run(
                        "run",
                        "-d",
                        "--name=slow",
                        "--network=none",
                        "--health-cmd=false",
                        "--health-interval=1h",
                        "busybox",
                        "sleep",
                        "600")
                .succeeded();
        Command.Result result = server.run("wait", "--condition", "healthy", "--timeout", "200ms", "slow");
        assertThat(result.exitCode()).isEqualTo(124);
        assertThat(result.stderr()).contains("no health within 200ms");
        assertThat(server.run("ps").stdout()).contains("(starting)");
        server.run("rm", "-f", "slow").succeeded();
    }

    @Test
    void aCrashIsToldWithItsReasonAndItsLastLines() throws Exception {
        String id = server.api()
                .run("for i in 1 2 3; do echo line $i; done; echo 'panic: no reason' >&2; exit 3")
                .getId();
        var waited = server.api().await(id);
        assertThat(waited.getCrash().getExit().getExitCode()).isEqualTo(3);
        assertThat(waited.getCrash().getLinesList())
                .extracting(line -> line.getData().toStringUtf8())
                .containsExactlyInAnyOrder("line 1", "line 2", "line 3", "panic: no reason");
        server.kill();
        server.startAgain();
        assertThat(server.run("inspect", id).succeeded().stdout())
                .contains("\"crash\"", "\"text\" : \"panic: no reason\"", "\"stream\" : \"stderr\"");
        server.api().remove(id);
    }

    @Test
    void runningOutOfMemoryIsACrash() {
        String id = server.api()
                .run(
                        "echo eating; x=a; while :; do x=$x$x; done",
                        spec -> spec.setLimits(spec.getLimitsBuilder().setMemoryBytes(32 << 20)))
                .getId();
        Container container = await(id, Container::hasCrash);
        assertThat(container.getCrash().getExit().getReason()).isEqualTo(ExitReason.EXIT_REASON_OUT_OF_MEMORY);
        assertThat(container.getCrash().getLines(0).getData().toStringUtf8()).isEqualTo("eating");
        server.api().remove(id);
    }

    @ParameterizedTest
    @CsvSource({
        "'CURL,x', 0, 0, healthCheck test: CURL x",
        "'CMD', 0, 0, healthCheck test: CMD",
        "'HTTP,0/x', 0, 0, healthCheck test: HTTP 0/x",
        "'CMD,true', 1000, 0, healthCheck interval: PT0.000001S",
        "'CMD,true', -1, 0, health_check.interval",
        "'CMD,true', 9000000000000000000, 0, healthCheck interval",
        "'CMD,true', 0, 1000000, healthCheck retries: 1000000"
    })
    void aCheckThatIsNoneIsRefusedAndNothingIsLeft(String test, long intervalNanos, int retries, String message) {
        int before = server.api()
                .containers()
                .list(ListContainersRequest.newBuilder().setAll(true).build())
                .getContainersCount();
        ContainerSpec.Builder spec = Api.shell("exit 0");
        spec.getHealthCheckBuilder()
                .addAllTest(List.of(test.split(",")))
                .setInterval(Durations.fromNanos(intervalNanos))
                .setRetries(retries);
        assertThatThrownBy(() -> server.api().run("exit 0", _ -> spec))
                .hasMessageContaining("INVALID_ARGUMENT")
                .hasMessageContaining(message);
        assertThat(server.api()
                        .containers()
                        .list(ListContainersRequest.newBuilder().setAll(true).build())
                        .getContainersCount())
                .isEqualTo(before);
    }
}
