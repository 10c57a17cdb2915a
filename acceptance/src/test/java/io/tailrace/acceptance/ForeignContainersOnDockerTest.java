package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.client.Container;
import io.tailrace.client.ContainerState;
import io.tailrace.client.FollowOptions;
import io.tailrace.client.ListOptions;
import io.tailrace.client.PruneOptions;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TimelineRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Containers of {@code docker run}, followed and controlled by a server of its own, which is killed meanwhile. */
@Tag("docker")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ForeignContainersOnDockerTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String NAME = "made-by-others";
    private static final String EARLIER = "made-by-others-before";

    private static final ListOptions ALL = new ListOptions(true, false, Map.of());

    private TailraceServerProcess server;
    private String socket;

    @BeforeAll
    void open() {
        Map<String, String> settings = new HashMap<>(DockerEngine.settings());
        socket = settings.get("TAILRACE_RUNTIME_SOCKET");
        settings.put("TAILRACE_RUNTIME_FOREIGN", "true");
        server = TailraceServerProcess.startWithBusybox(settings, List.of());
    }

    @AfterAll
    void close() {
        docker("rm", "-f", NAME, EARLIER);
        // One that runs would remove others' containers with its own when it is closed.
        server.kill();
        server.close();
    }

    private Command.Result docker(String... arguments) {
        List<String> line = new ArrayList<>(List.of("docker", "--host", "unix://" + socket));
        line.addAll(List.of(arguments));
        return Command.run(LIMIT, line);
    }

    private static void awaitState(Container container, ContainerState state) {
        Waiting.until(
                "state " + state, LIMIT, () -> container.inspect().status().state() == state);
    }

    private void run(String name) {
        String script =
                "i=0; while [ ! -e /enough ]; do echo line $i; i=$((i + 1)); sleep 0.02; done; rm /enough; exit 5";
        docker("run", "-d", "--name", name, "busybox", "sh", "-c", script).succeeded();
    }

    private String stateInEngine() {
        return docker("inspect", "-f", "{{.State.Status}}", NAME)
                .succeeded()
                .stdout()
                .strip();
    }

    private static String output(Container container) {
        var output = new StringBuilder();
        try (var follow = container.follow(new FollowOptions().until(FollowOptions.End.NOW))) {
            for (TimelineRecord record : follow) {
                assertThat(record).isNotInstanceOf(TimelineRecord.Gap.class);
                if (record instanceof TimelineRecord.Output some) {
                    output.append(some.text());
                }
            }
        }
        return output.toString();
    }

    @Test
    void whatOthersRunIsNotFollowedOverAKillOrNotControlledOrIsChangedUnasked() {
        run(NAME);
        try (Tailrace client = server.client()) {
            Waiting.until(
                    "it to be seen",
                    LIMIT,
                    () -> client.containers().list(ALL).stream()
                            .anyMatch(seen -> seen.isForeign() && seen.name().equals(NAME)));
            Container container = client.containers().get(NAME);
            server.kill();
            run(EARLIER);
            server.startAgain();
            assertThat(server.run("ps").succeeded().stdout()).contains(NAME).contains("foreign");

            Waiting.until(
                    "the earlier one to be seen",
                    LIMIT,
                    () -> client.containers().list(ALL).stream()
                            .anyMatch(seen -> seen.name().equals(EARLIER)));
            for (String name : List.of(NAME, EARLIER)) {
                Container each = client.containers().get(name);
                each.exec("touch", "/enough").waitFor();
                assertThat(each.waitFor().exitCode()).isEqualTo(5);
                assertThat(output(each))
                        .startsWith("line 0\n")
                        .isEqualTo(docker("logs", name).succeeded().stdout());
            }

            assertThatThrownBy(() -> container.remove(false)).hasMessageContaining("foreign");
            assertThatThrownBy(() -> container.rename("mine")).hasMessageContaining("foreign");
            assertThat(client.containers().prune(PruneOptions.ALL).ids()).isEmpty();
            assertThat(stateInEngine()).isEqualTo("exited");

            docker("start", NAME).succeeded();
            awaitState(container, ContainerState.RUNNING);
            container.pause();
            assertThat(stateInEngine()).isEqualTo("paused");
            docker("unpause", NAME).succeeded();
            awaitState(container, ContainerState.RUNNING);
            assertThat(container.stats().pids()).isPositive();
            container.stop(Duration.ZERO);
            assertThat(container.waitFor().exitCode()).isEqualTo(137);
            container.start();
            assertThat(stateInEngine()).isEqualTo("running");

            docker("rm", "-f", NAME).succeeded();
            awaitState(container, ContainerState.REMOVED);
            assertThat(server.run("logs", NAME).succeeded().stdout()).startsWith("line 0\n");
            client.containers().get(EARLIER).remove(true);
            assertThat(docker("inspect", EARLIER).exitCode()).isNotZero();
        }
    }
}
