package io.tailrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.api.v1.HealthCheck;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthTest {
    private FakeServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
        server.containers.add(FakeServer.running("web"));
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.close();
    }

    private HealthCheck check(String... flags) {
        var arguments = new ArrayList<>(List.of("create"));
        arguments.addAll(List.of(flags));
        arguments.add("busybox");
        assertThat(Invocation.of(server, arguments.toArray(String[]::new)).code())
                .isZero();
        return server.creates.getLast().getSpec().getHealthCheck();
    }

    @Test
    void dockersFlagsSayHowItIsProbed() {
        var check = check(
                "--health-cmd",
                "wget -qO- localhost",
                "--health-interval=5s",
                "--health-timeout=2s",
                "--health-retries=2",
                "--health-start-period=1m",
                "--health-start-interval=1s");
        assertThat(check.getTestList()).containsExactly("CMD-SHELL", "wget -qO- localhost");
        assertThat(check.getInterval().getSeconds()).isEqualTo(5);
        assertThat(check.getTimeout().getSeconds()).isEqualTo(2);
        assertThat(check.getRetries()).isEqualTo(2);
        assertThat(check.getStartPeriod().getSeconds()).isEqualTo(60);
        assertThat(check.getStartInterval().getSeconds()).isEqualTo(1);
    }

    @Test
    void otherProbesAndNoneCanBeAskedFor() {
        assertThat(check("--health-http", "8080/health").getTestList()).containsExactly("HTTP", "8080/health");
        assertThat(check("--health-http", "8080").getTestList()).containsExactly("HTTP", "8080/");
        assertThat(check("--health-tcp", "5432").getTestList()).containsExactly("TCP", "5432");
        assertThat(check("--health-socket", "/run/app.sock").getTestList()).containsExactly("SOCKET", "/run/app.sock");
        assertThat(check("--no-healthcheck").getTestList()).containsExactly("NONE");
        assertThat(check("--health-retries", "7").getTestList()).isEmpty();
        assertThat(Invocation.of(server, "create", "busybox").code()).isZero();
        assertThat(server.creates.getLast().getSpec().hasHealthCheck()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "--health-http, x, health-http: \"x\"",
        "--health-retries, -1, health-retries: -1",
        "--health-interval, soon, health-interval: \"soon\""
    })
    void whatIsNoneIsRefused(String flag, String value, String message) {
        var create = Invocation.of(server, "create", flag, value, "busybox");
        assertThat(create.code()).isNotZero();
        assertThat(create.err()).contains(message);
        assertThat(server.creates).isEmpty();
    }

    @Test
    void onlyOneTestCanBeAskedFor() {
        var create = Invocation.of(server, "create", "--health-cmd", "true", "--no-healthcheck", "busybox");
        assertThat(create.code()).isNotZero();
        assertThat(create.err()).contains("2 of them (expected: one at most)");
    }

    @Test
    void aConditionThatIsNoneIsRefused() {
        var wait = Invocation.of(server, "wait", "--condition", "happy", "web");
        assertThat(wait.code()).isNotZero();
        assertThat(wait.err()).contains("condition: \"happy\" (expected: not-running, next-exit, removed or healthy)");
    }
}
