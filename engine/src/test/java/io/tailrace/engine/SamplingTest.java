package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.conformance.ScriptedMachine;
import io.tailrace.runtime.conformance.ScriptedRuntime;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ResourceUsage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the engine makes of what containers use, in simulated time. */
class SamplingTest {
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final int SAMPLES_MAX = 4;

    @TempDir
    private Path directory;

    private final SimulatedTime time = new SimulatedTime();
    private ScriptedRuntime runtime = ScriptedRuntime.open();
    private Engine engine;

    @BeforeEach
    void open() {
        runtime.machine().clock(time.clock());
        engine = opened(INTERVAL);
    }

    private Engine opened(Duration interval) {
        EngineConfig config = EngineConfig.defaults(directory.resolve("data"))
                .withSampling(new Sampling(interval, SAMPLES_MAX, Thresholds.DEFAULT));
        return Engine.open(config, runtime, time.ofServer());
    }

    @AfterEach
    void close() {
        runtime.machine().containerIds().forEach(runtime.machine()::lose);
        engine.close();
        runtime.close();
    }

    private void reopen(Duration interval) {
        engine.close();
        runtime.close();
        runtime = runtime.reopen();
        engine = opened(interval);
    }

    private Container started() {
        Container container = engine.create(TestEngine.request("hold"));
        container.start();
        return container;
    }

    /** Lets time pass until something is so. */
    private void passUntil(BooleanSupplier isSo) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .atMost(TestEngine.LONG)
                .until(() -> {
                    time.pass(INTERVAL);
                    return isSo.getAsBoolean();
                });
    }

    /** Lets at least so many samples be taken. */
    private void sampled(Container container, int more) {
        for (int i = 0; i < more; i++) {
            Instant last = newest(container);
            passUntil(() -> !newest(container).equals(last));
        }
    }

    private static Instant newest(Container container) {
        List<Container.Usage> history = container.usageHistory(0);
        return history.isEmpty() ? Instant.EPOCH : history.getLast().sample().at();
    }

    /** A container that uses what a test says, a second. */
    private final class Load {
        private final AtomicLong cpuNanos = new AtomicLong();
        private volatile long cpuPercent;
        private volatile long memoryBytes = 1;
        private volatile long memoryLimitBytes;
        private volatile long sentPerSecond;
        private long sent;
        private Instant last = time.clock().instant();

        Load(Container container) {
            runtime.machine().usage(container.id(), this::usage);
        }

        private synchronized ResourceUsage usage(Instant at) {
            long nanos = Duration.between(last, at).toNanos();
            last = at;
            sent += sentPerSecond * nanos / 1_000_000_000;
            return new ResourceUsage(
                    at, cpuNanos.addAndGet(nanos / 100 * cpuPercent), memoryBytes, memoryLimitBytes, 1, 0, 0, 0, sent);
        }
    }

    private static List<Map<String, String>> alerts(Container container) throws InterruptedException {
        List<Map<String, String>> alerts = new ArrayList<>();
        try (Subscription subscription = container.process().subscribe(SubscriptionRequest.fromStart())) {
            for (TimelineRecord record = subscription.poll(); record != null; record = subscription.poll()) {
                if (record instanceof TimelineRecord.State state
                        && "alert".equals(state.attributes().get("event"))) {
                    alerts.add(state.attributes());
                }
            }
        }
        return alerts;
    }

    @Test
    void theHistoryHasTheNewestSamplesOldestFirst() {
        Container container = started();
        sampled(container, SAMPLES_MAX + 2);
        List<Container.Usage> history = container.usageHistory(0);
        assertThat(history).hasSize(SAMPLES_MAX);
        assertThat(history)
                .isSortedAccordingTo(
                        (a, b) -> a.sample().at().compareTo(b.sample().at()));
        assertThat(history.getLast().cpuPercent()).isBetween(24.9, 25.1);
        await().atMost(TestEngine.LONG)
                .untilAsserted(() -> assertThat(container.usageHistory(2))
                        .isEqualTo(container.usageHistory(0).subList(SAMPLES_MAX - 2, SAMPLES_MAX)));
    }

    @Test
    void aContainerThatDoesNotRunIsNotSampledAndKeepsItsHistoryUntilItIsRemoved() throws Exception {
        Container container = started();
        Container other = started();
        sampled(container, 2);
        container.stop(Duration.ZERO);
        sampled(other, 1);
        List<Container.Usage> history = container.usageHistory(0);
        sampled(other, 3);
        assertThat(container.usageHistory(0)).isNotEmpty().isEqualTo(history);
        container.remove(false);
        assertThat(container.usageHistory(0)).isEmpty();
    }

    @Test
    void anAlertIsToldWhenItIsRaisedAndWhenItIsClearedAndNotInBetween() throws Exception {
        Container container = started();
        Load load = new Load(container);
        load.cpuPercent = 150;
        passUntil(() -> container.alerts().contains(Resource.CPU));
        sampled(container, 3);
        load.cpuPercent = 80; // not above the threshold
        passUntil(() -> container.alerts().isEmpty());
        sampled(container, 2);
        List<Map<String, String>> alerts = alerts(container);
        assertThat(alerts).hasSize(2);
        assertThat(alerts.getFirst())
                .containsEntry("alert", "raised")
                .containsEntry("resource", "cpu")
                .containsEntry("threshold", "80.0")
                .containsEntry("alerts", "cpu");
        assertThat(Double.parseDouble(alerts.getFirst().get("value"))).isGreaterThan(80);
        assertThat(alerts.getLast())
                .containsEntry("alert", "cleared")
                .containsEntry("resource", "cpu")
                .containsEntry("alerts", "");
    }

    @Test
    void eachResourceHasAlertsOfItsOwn() throws Exception {
        Container container = started();
        Load load = new Load(container);
        load.memoryBytes = 100;
        load.sentPerSecond = 60 << 20;
        passUntil(() -> container.alerts().contains(Resource.NETWORK_SENT));
        assertThat(container.alerts())
                .as("without a limit, memory is never too much")
                .hasSize(1);
        load.memoryLimitBytes = 110;
        passUntil(() -> container.alerts().contains(Resource.MEMORY));
        load.sentPerSecond = 0;
        passUntil(() -> container.alerts().size() == 1);
        assertThat(alerts(container))
                .extracting(alert -> alert.get("resource") + " " + alert.get("alert"))
                .containsExactly("network_sent raised", "memory raised", "network_sent cleared");
    }

    @Test
    void otherThresholdsHoldFromTheNextSampleOn() {
        Container container = started();
        sampled(container, 3);
        assertThat(container.alerts()).isEmpty();
        Thresholds old = engine.thresholds();
        engine.setThresholds(now -> new Thresholds(24, 85, 0, 0, 0, 0));
        passUntil(() -> container.alerts().contains(Resource.CPU));
        engine.setThresholds(now -> old);
        passUntil(() -> container.alerts().isEmpty());
    }

    @Test
    void anAlertOutlivesTheServerAndIsNotToldAgain() throws Exception {
        Container container = started();
        Load load = new Load(container);
        load.cpuPercent = 100;
        passUntil(() -> container.alerts().contains(Resource.CPU));
        reopen(INTERVAL);
        Container again = engine.container(container.id());
        assertThat(again.alerts()).containsExactly(Resource.CPU);
        sampled(again, 3);
        assertThat(alerts(again)).hasSize(1);
        load.cpuPercent = 0;
        passUntil(() -> again.alerts().isEmpty());
        assertThat(alerts(again)).hasSize(2);
    }

    @Test
    void theEndOfARunEndsItsAlerts() throws Exception {
        Container container = started();
        Load load = new Load(container);
        load.cpuPercent = 100;
        passUntil(() -> container.alerts().contains(Resource.CPU));
        container.stop(Duration.ZERO);
        assertThat(container.alerts()).isEmpty();
        try (Subscription subscription = container.process().subscribe(SubscriptionRequest.fromStart())) {
            assertThat(TestEngine.drain(subscription).getLast()).isInstanceOf(TimelineRecord.Exit.class);
        }
        container.start();
        passUntil(() -> container.alerts().contains(Resource.CPU));
        assertThat(alerts(container)).hasSize(2);
    }

    @Test
    void theFeedTellsAlerts() throws Exception {
        Container container = started();
        try (FeedSubscription feed = engine.feed(null)) {
            new Load(container).cpuPercent = 100;
            passUntil(() -> container.alerts().contains(Resource.CPU));
            FeedRecord record = feed.next(TestEngine.LONG);
            assertThat(record).isNotNull();
            assertThat(record.event()).isEqualTo("alert");
            assertThat(record.containerId()).isEqualTo(container.id());
        }
    }

    @Test
    void aContainerWhoseRuntimeDoesNotAnswerDelaysNobody() {
        Container slow = started();
        CountDownLatch answer = new CountDownLatch(1);
        runtime.machine().usage(slow.id(), at -> {
            try {
                answer.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new io.tailrace.runtime.spi.ContainerRuntimeException(Code.UNAVAILABLE, "too late");
        });
        Container other = started();
        sampled(other, 5);
        assertThat(slow.usageHistory(0)).isEmpty();
        slow.stop(Duration.ZERO);
        answer.countDown();
    }

    @Test
    void aSampleThatFailsIsTakenTheNextTime() {
        Container container = started();
        sampled(container, 1);
        runtime.machine().failNext(ScriptedMachine.Call.USAGE, Code.UNAVAILABLE);
        sampled(container, 2);
        assertThat(engine.problems()).isEmpty();
    }

    @Test
    void withoutAnIntervalNothingIsSampled() {
        Container container = started();
        reopen(Duration.ZERO);
        for (int i = 0; i < 10; i++) {
            time.pass(INTERVAL);
        }
        assertThat(engine.container(container.id()).usageHistory(0)).isEmpty();
    }

    @Test
    void aThresholdIsANumberOfAtLeastZero() {
        for (double wrong : new double[] {-1, Double.NaN, Double.NEGATIVE_INFINITY}) {
            assertThatThrownBy(() -> new Thresholds(80, wrong, 0, 0, 0, 0))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("memory_percent: " + wrong)
                    .extracting("code")
                    .isEqualTo(ErrorCode.INVALID_ARGUMENT);
        }
    }
}
