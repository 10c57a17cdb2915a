package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.client.Container;
import io.tailrace.client.DiskUsage;
import io.tailrace.client.FileChange;
import io.tailrace.client.NetworkMode;
import io.tailrace.client.ProcessEntry;
import io.tailrace.client.PruneOptions;
import io.tailrace.client.Pruned;
import io.tailrace.client.Tailrace;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is in containers, what takes room, and the removal of what nobody uses, through the doors and the command. */
@Acceptance
class PruneTest {
    private static final PruneOptions MINE = new PruneOptions(null, Map.of("prune-test", ""));

    private final TailraceServerProcess server;
    private Tailrace tailrace;

    PruneTest(TailraceServerProcess server) {
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

    private Container run(String script) {
        return tailrace.containers()
                .run(
                        "busybox",
                        spec -> spec.network(NetworkMode.NONE)
                                .label("prune-test", "yes")
                                .tmpfs("/scratch")
                                .command("sh", "-c", script));
    }

    @Test
    void processesAreToldWithTheirCommandLines() {
        Container container = run("sleep 1000 & sleep 1001; true");
        container.exec("sleep", "1002");
        Waiting.until(
                "all to run",
                java.time.Duration.ofSeconds(30),
                () -> container.top().size() == 4);
        List<ProcessEntry> processes = container.top();
        assertThat(processes)
                .extracting(process -> String.join(" ", process.arguments()))
                .contains("sleep 1000", "sleep 1001", "sleep 1002");
        long init = container.status().pid();
        assertThat(processes).filteredOn(process -> process.parentPid() == init).hasSize(2);
        assertThat(processes)
                .allMatch(process -> process.memoryBytes() > 0
                        && process.user() == 0
                        && process.startedAt().isBefore(Instant.now().plusSeconds(2)));
        assertThat(server.run("top", container.id()).succeeded().stdout()).contains("PID", "sleep 1002");
        container.remove(true);
        try (var http = new Http(server)) {
            assertThat(http.get("/v1/containers/no-such/top").statusCode()).isEqualTo(404);
            assertThat(http.get("/v1/containers/%s/top".formatted(container.id()))
                            .statusCode())
                    .isEqualTo(409);
        }
    }

    @Test
    void changedFilesAndTheirBytesAreToldAndGivenBack() {
        Container container =
                run("mkdir /added; head -c 5000000 /dev/zero > /added/file; rm /bin/yes; echo x > /scratch/x");
        container.waitFor();
        assertThat(container.changes())
                .containsExactlyInAnyOrder(
                        new FileChange(FileChange.Kind.ADDED, "/added"),
                        new FileChange(FileChange.Kind.ADDED, "/added/file"),
                        new FileChange(FileChange.Kind.MODIFIED, "/bin"),
                        new FileChange(FileChange.Kind.DELETED, "/bin/yes"));
        assertThat(server.run("diff", container.id()).succeeded().stdout())
                .isEqualTo("A /added\nA /added/file\nC /bin\nD /bin/yes\n");
        DiskUsage.Entry used = tailrace.diskUsage().containers().stream()
                .filter(entry -> entry.id().equals(container.id()))
                .findFirst()
                .orElseThrow();
        assertThat(used.sizeBytes()).isBetween(5_000_000L, 6_000_000L);
        assertThat(used.reclaimableBytes()).isEqualTo(used.sizeBytes());
        assertThat(tailrace.diskUsage().timelines())
                .anyMatch(entry -> entry.id().equals(container.id()) && entry.sizeBytes() > 0);
        Container running = run("sleep 1000");
        try (var http = new Http(server)) {
            assertThat(http.post("/v1/containers/prune", "{\"until\":\"yesterday\"}")
                            .statusCode())
                    .isEqualTo(400);
            assertThat(http.post(
                                    "/v1/containers/prune",
                                    "{\"until\":\"1990-01-01T00:00:00Z\",\"labels\":{\"prune-test\":\"\"}}")
                            .body())
                    .doesNotContain(container.id());
        }
        Pruned pruned = tailrace.containers().prune(MINE);
        assertThat(pruned.ids()).containsExactly(container.id());
        assertThat(pruned.reclaimedBytes()).isEqualTo(used.sizeBytes());
        assertThat(running.status().pid()).isPositive();
        running.remove(true);
    }

    @Test
    void imagesGoOnlyIfNoContainerWasMadeOfThem() {
        Container container = run("true");
        container.waitFor();
        assertThat(tailrace.images().prune(new PruneOptions(null, Map.of("no-such", "")), true))
                .isEqualTo(new Pruned(List.of(), 0));
        assertThat(tailrace.images().prune(PruneOptions.ALL, false).ids())
                .doesNotContain(container.inspect().imageId());
        assertThat(tailrace.diskUsage().images())
                .filteredOn(image -> image.id().equals(container.inspect().imageId()))
                .hasSize(1)
                .allMatch(image -> image.sizeBytes() > 0 && image.reclaimableBytes() == 0);
        container.remove(true);
    }

    @Test
    void theCommandAsksOnATerminalAndNamesAWrongFilter() {
        Command.Result unasked = server.run("prune");
        assertThat(unasked.exitCode()).isEqualTo(1);
        assertThat(unasked.stderr()).contains("--force");
        assertThat(server.run("prune", "-f", "--filter", "color=red").stderr())
                .contains("filter: \"color=red\" (expected: until= or label=)");
        assertThat(server.run("prune", "-f", "--filter", "label=prune-test=none")
                        .succeeded()
                        .stdout())
                .isEqualTo("Reclaimed: 0 B\n");
        assertThat(server.run("df").succeeded().stdout()).contains("images", "timelines");
    }
}
