package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.client.Container;
import io.tailrace.client.ContainerInfo;
import io.tailrace.client.ErrorCode;
import io.tailrace.client.Limits;
import io.tailrace.client.NetworkMode;
import io.tailrace.client.RestartPolicy;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TailraceException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits, restart policy and name of containers that are there, from the doors to the kernel. */
@Acceptance
class UpdateTest {
    private static final long MIB = 1 << 20;

    private final TailraceServerProcess server;
    private Tailrace tailrace;

    UpdateTest(TailraceServerProcess server) {
        this.server = server;
    }

    @BeforeEach
    void connect() {
        tailrace = server.client();
    }

    @AfterEach
    void close() {
        tailrace.close();
    }

    private void serveAgain() {
        server.kill();
        server.startAgain();
        close();
        connect();
    }

    private Container start(String name, String script) {
        return tailrace.containers()
                .run(
                        "busybox",
                        spec -> spec.name(name)
                                .network(NetworkMode.NONE)
                                .memory("64m")
                                .command("sh", "-c", script));
    }

    private Container again(String name) {
        return tailrace.containers().get(name);
    }

    @Test
    void limitsHoldAtOnceAfterARestartOfTheServerAndInTheNextRun() {
        Container container = start("grown", "sleep 1000");
        container.update(update -> update.memory("128m").cpus(0.5).pids(90).restart(RestartPolicy.onFailure(2)));
        assertThat(container.stats().memoryLimitBytes()).isEqualTo(128 * MIB);
        serveAgain();
        assertThat(again("grown").stats().memoryLimitBytes()).isEqualTo(128 * MIB);
        ContainerInfo info = again("grown").inspect();
        assertThat(info.limits()).isEqualTo(new Limits(128 * MIB, 0, 500_000_000, 0, "", 90));
        assertThat(info.restart()).isEqualTo(RestartPolicy.onFailure(2));
        again("grown").stop(Duration.ZERO);
        again("grown").update(update -> update.memory("96m"));
        again("grown").start();
        assertThat(again("grown").stats().memoryLimitBytes()).isEqualTo(96 * MIB);
        again("grown").update(update -> update.memory("0"));
        assertThat(again("grown").stats().memoryLimitBytes()).isZero();
        again("grown").remove(true);
    }

    @Test
    void lessMemoryThanIsInUseIsRefusedAndChangesNothing() {
        Container container = start("full", "head -c 41943040 /dev/zero > /dev/shm/held; sleep 1000");
        Waiting.until(
                "it to hold its memory",
                Duration.ofSeconds(30),
                () -> container.stats().memoryBytes() > 40 * MIB);
        assertThatThrownBy(() -> container.update(update -> update.memory("16m").cpus(1)))
                .hasMessageContaining("memory: 16777216 (expected: ")
                .isInstanceOfSatisfying(
                        TailraceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION));
        assertThat(container.inspect().limits()).isEqualTo(new Limits(64 * MIB, 0, 0, 0, "", 0));
        assertThat(container.stats().memoryLimitBytes()).isEqualTo(64 * MIB);
        container.remove(true);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"memoryBytes":"-1"}                                | memory: -1 (expected: 0 or >= 6291456)
            {"memoryBytes":"1"}                                 | memory: 1 (expected: 0 or >= 6291456)
            {"memoryBytes":"much"}                              | much
            {"memorySwapBytes":"1048576"}                       | memorySwap: 1048576 (expected: -1, 0, or >= memory
            {"cpuNanos":"-1"}                                   | cpuNanos: -1 (expected: >= 0)
            {"cpuShares":"1"}                                   | cpuShares: 1 (expected: 0, or 2 to 262144)
            {"cpus":"one"}                                      | cpus: one (expected: a list
            {"cpus":"4095"}                                     | cpus: 4095 (expected: processors that are there)
            {"pids":"-5"}                                       | pids: -5 (expected: >= 0)
            {"restart":{"kind":"KIND_ALWAYS","retriesMax":3}}   | restart retries: 3
            {"restart":{"kind":9}}                              | restart
            {}                                                  | update: empty (expected: a limit or a restart policy)
            """)
    void whatIsWrongIsNamedAndChangesNothing(String update, String message) {
        Container container = start("", "sleep 1000");
        ContainerInfo before = container.inspect();
        try (var http = new Http(server)) {
            var refused = http.post("/v1/containers/%s/update".formatted(container.id()), update);
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains(message);
        }
        assertThat(container.inspect()).isEqualTo(before);
        assertThat(container.stats().memoryLimitBytes()).isEqualTo(64 * MIB);
        container.remove(true);
    }

    @Test
    void aNewNameIsTheOnlyOneAlsoAfterARestartOfTheServer() {
        String id = start("before", "sleep 1000").id();
        Container other = start("other", "sleep 1000");
        try (var http = new Http(server)) {
            assertThat(http.post("/v1/containers/before/rename", "{\"name\":\"after\"}")
                            .body())
                    .contains("\"name\":\"after\"");
            assertThat(http.post("/v1/containers/other/rename", "{\"name\":\"after\"}")
                            .statusCode())
                    .isEqualTo(409);
            assertThat(http.post("/v1/containers/nobody/rename", "{\"name\":\"somebody\"}")
                            .statusCode())
                    .isEqualTo(404);
            for (String name : new String[] {"", "a/b", "x".repeat(200)}) {
                assertThat(http.post("/v1/containers/other/rename", "{\"name\":\"%s\"}".formatted(name))
                                .statusCode())
                        .isEqualTo(400);
            }
        }
        assertThat(other.inspect().name()).isEqualTo("other");
        String heir = start("before", "sleep 1000").id();
        serveAgain();
        assertThat(again("after").inspect().id()).isEqualTo(id);
        assertThat(again("after").status().pid()).isPositive();
        assertThat(again("before").id()).isEqualTo(heir);
        for (String name : new String[] {"before", "other", "after"}) {
            again(name).remove(true);
        }
    }

    @Test
    void theCommandSaysWhatItDid() {
        start("plain", "sleep 1000");
        assertThat(server.run("update", "--memory=128m", "--restart=always", "plain")
                        .succeeded()
                        .stdout())
                .isEqualTo("plain\n");
        Command.Result refused = server.run("update", "--memory=-1", "plain");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.stderr()).startsWith("tailrace: memory: \"-1\" (expected: a size");
        server.run("rename", "plain", "fancy").succeeded();
        assertThat(again("fancy").inspect().limits().memoryBytes()).isEqualTo(128 * MIB);
        again("fancy").remove(true);
    }
}
