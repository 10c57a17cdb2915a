package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tailrace.client.Container;
import io.tailrace.client.FollowOptions;
import io.tailrace.client.NetworkMode;
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

/** Containers that use more than they should, from the kernel's counters to the timeline, on a server of their own. */
@Tag("containerd")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AlertsTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private TailraceServerProcess server;

    /** The settings that choose what runs the containers. */
    Map<String, String> runtime() {
        return Map.of();
    }

    @BeforeAll
    void open() {
        Map<String, String> settings = new HashMap<>(runtime());
        settings.put("TAILRACE_SAMPLING_INTERVAL", "500ms");
        server = TailraceServerProcess.startWithBusybox(settings, List.of());
    }

    @AfterAll
    void close() {
        server.close();
    }

    @Test
    void aContainerThatBurnsProcessorTimeHasOneAlertUntilItDoesNoMore() throws Exception {
        // So little that a machine with much else to do gives it as well.
        server.run("thresholds", "--cpu", "2").succeeded();
        try (Tailrace client = server.client()) {
            Container container = client.containers()
                    .run(
                            "busybox",
                            spec -> spec.name("burner")
                                    .network(NetworkMode.NONE)
                                    .command("sh", "-c", "while [ ! -e /enough ]; do :; done; exec sleep 600"));
            await().atMost(LIMIT).until(() -> container.inspect().alerts().contains("cpu"));
            server.run("exec", "burner", "touch", "/enough").succeeded();
            await().atMost(LIMIT).until(() -> container.inspect().alerts().isEmpty());
            // They outlive the server that told them, and the next one tells them no second time.
            server.kill();
            server.startAgain();
            await().atMost(LIMIT)
                    .until(() -> container.statsHistory(0).stream()
                                    .filter(stats -> stats.cpuPercent() < 2)
                                    .count()
                            > 2);
            assertThat(alerts(container)).containsExactly("cpu raised", "cpu cleared");
            assertThat(server.run("stats", "--history", "burner").succeeded().stdout())
                    .startsWith("TIME")
                    .contains("burner");
            container.remove(true);
        }
    }

    private static List<String> alerts(Container container) {
        try (var follow = container.follow(new FollowOptions().until(FollowOptions.End.NOW))) {
            List<String> alerts = new ArrayList<>();
            for (TimelineRecord record : follow) {
                if (record instanceof TimelineRecord.State state
                        && state.attributes().containsKey("alert")) {
                    alerts.add(state.attributes().get("resource") + " "
                            + state.attributes().get("alert"));
                }
            }
            return alerts;
        }
    }
}
