package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.GetContainerRequest;
import io.tailrace.api.v1.GetThresholdsRequest;
import io.tailrace.api.v1.SetThresholdsRequest;
import io.tailrace.api.v1.StatsHistoryRequest;
import io.tailrace.api.v1.StatsHistoryResponse;
import io.tailrace.api.v1.SystemGrpc;
import io.tailrace.api.v1.Thresholds;
import io.tailrace.engine.Sampling;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a server tells of what containers use. A scripted one uses a quarter of a processor. */
class UsageTest {
    private static final int SAMPLES_MAX = 3;

    private TestServer server;
    private SystemGrpc.SystemBlockingStub system;

    @BeforeEach
    void start() {
        server = TestServer.start(config -> config.withSampling(
                new Sampling(Duration.ofMillis(20), SAMPLES_MAX, io.tailrace.engine.Thresholds.DEFAULT)));
        system = SystemGrpc.newBlockingStub(server.channel);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private StatsHistoryResponse history(Container container, int limit) {
        return server.containers()
                .statsHistory(StatsHistoryRequest.newBuilder()
                        .setContainer(container.getId())
                        .setLimit(limit)
                        .build());
    }

    private Thresholds set(Thresholds.Builder thresholds) {
        return system.setThresholds(
                SetThresholdsRequest.newBuilder().setThresholds(thresholds).build());
    }

    private Container again(Container container) {
        return server.containers()
                .get(GetContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
    }

    @Test
    void theHistoryHasTheNewestSamples() throws Exception {
        Container container = server.run("hold");
        await().until(() -> history(container, 0).getSamplesCount() == SAMPLES_MAX);
        var newest = history(container, 1);
        assertThat(newest.getSamplesCount()).isEqualTo(1);
        assertThat(newest.getSamples(0).getMemoryBytes()).isEqualTo(1 << 20);
        assertThat(server.get("/v1/containers/" + container.getId() + "/stats/history?limit=2")
                        .body())
                .contains("\"cpuPercent\":");
        assertThatThrownBy(() -> history(Container.newBuilder().setId("none").build(), 0))
                .extracting(failure -> Status.fromThrowable(failure).getCode())
                .isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void thresholdsThatAreNotSetStayAsTheyAre() throws Exception {
        Thresholds before = system.getThresholds(GetThresholdsRequest.getDefaultInstance());
        assertThat(before)
                .isEqualTo(Thresholds.newBuilder()
                        .setCpuPercent(80)
                        .setMemoryPercent(85)
                        .setDiskReadBytesPerSecond(104857600)
                        .setDiskWriteBytesPerSecond(104857600)
                        .setNetworkReceivedBytesPerSecond(52428800)
                        .setNetworkSentBytesPerSecond(52428800)
                        .build());
        Thresholds after = set(Thresholds.newBuilder().setMemoryPercent(0).setDiskReadBytesPerSecond(1));
        assertThat(after)
                .isEqualTo(before.toBuilder()
                        .setMemoryPercent(0)
                        .setDiskReadBytesPerSecond(1)
                        .build());
        var json = server.post("/v1/thresholds", "{\"thresholds\":{\"cpuPercent\":\"Infinity\"}}");
        assertThat(json.statusCode()).isEqualTo(200);
        assertThat(system.getThresholds(GetThresholdsRequest.getDefaultInstance()))
                .isEqualTo(after.toBuilder()
                        .setCpuPercent(Double.POSITIVE_INFINITY)
                        .build());
    }

    @Test
    void aThresholdThatIsNoneIsRefusedAndChangesNothing() {
        assertThatThrownBy(() -> set(Thresholds.newBuilder().setCpuPercent(1).setNetworkSentBytesPerSecond(-1)))
                .hasMessageContaining("network_sent_bytes_per_second: -1.0")
                .extracting(failure -> Status.fromThrowable(failure).getCode())
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(system.getThresholds(GetThresholdsRequest.getDefaultInstance())
                        .getCpuPercent())
                .isEqualTo(80);
    }

    @Test
    void aContainerTellsItsAlertsAndSoDoMetrics() throws Exception {
        Container container = server.run("hold");
        set(Thresholds.newBuilder().setCpuPercent(10));
        await().until(() -> again(container).getAlertsList().contains("cpu"));
        assertThat(server.get("/metrics").body()).contains("tailrace_alerts{resource=\"cpu\"} 1");
        set(Thresholds.newBuilder().setCpuPercent(200));
        await().until(() -> again(container).getAlertsList().isEmpty());
    }
}
