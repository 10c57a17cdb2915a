package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.engine.Container.WaitCondition;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.conformance.ScriptedMachine.Call;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.HealthCheck;
import io.tailrace.runtime.spi.Image;
import io.tailrace.runtime.spi.Listener;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HealthTest {
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration LIMIT = Duration.ofSeconds(3);
    private static final String PROBE = "probe";

    /** Retention and the next probe. */
    private static final int PENDING = 2;

    @TempDir
    Path directory;

    private final SimulatedTime time = new SimulatedTime();
    private final AtomicInteger probes = new AtomicInteger();
    private volatile int exitCode;
    private TestEngine test;

    @BeforeEach
    void open() {
        test = TestEngine.openIn(time, directory, HealthTest::withShortTimelines);
        test.machine().script(PROBE, process -> {
            process.out("probe %d".formatted(probes.incrementAndGet()));
            return exitCode;
        });
    }

    private static EngineConfig withShortTimelines(EngineConfig config) {
        return new EngineConfig(
                config.dataDirectory(),
                config.retention(),
                config.stopGrace(),
                config.drainTimeout(),
                1 << 20,
                256 << 10,
                config.onFullDisk(),
                config.fsync(),
                config.containersMax(),
                config.execsPerContainerMax(),
                config.feedRecordsMax(),
                config.sampling());
    }

    @AfterEach
    void close() {
        test.close();
    }

    private static HealthCheck check(int retries, Duration startPeriod, String... test) {
        return new HealthCheck(List.of(test), INTERVAL, LIMIT, retries, startPeriod, Duration.ofSeconds(1));
    }

    private Container start(HealthCheck check) {
        Container container =
                test.engine().create(new Request("hold").healthCheck(check).build());
        container.start();
        settle();
        return container;
    }

    private Container start(int retries) {
        return start(check(retries, null, "CMD", PROBE));
    }

    /** Until what was due is done, and the next probe is scheduled. */
    private void settle() {
        await().atMost(TestEngine.LONG).until(() -> time.pending() == PENDING);
    }

    private HealthStatus pass(Container container, Duration duration) {
        time.pass(duration);
        settle();
        return health(container);
    }

    /** Lets time pass until a probe that hangs is over. */
    private HealthStatus passUntilProbed(Container container) {
        await().atMost(TestEngine.LONG).until(() -> {
            if (time.pending() == PENDING) {
                return true;
            }
            time.pass(LIMIT);
            return false;
        });
        return health(container);
    }

    private static HealthStatus health(Container container) {
        return Objects.requireNonNull(container.health());
    }

    private static String output(TimelineRecord.Health result) {
        return StandardCharsets.UTF_8.decode(result.output().duplicate()).toString();
    }

    private static List<String> records(Container container) throws InterruptedException {
        List<String> found = new ArrayList<>();
        var request = new SubscriptionRequest(
                new SubscriptionRequest.From.Start(),
                Set.of(SubscriptionRequest.Kind.STATE, SubscriptionRequest.Kind.HEALTH),
                Set.of(),
                SubscriptionRequest.End.NOW);
        try (Subscription subscription = container.process().subscribe(request)) {
            for (TimelineRecord record : TestEngine.drain(subscription)) {
                if (record instanceof TimelineRecord.Health result) {
                    found.add(result.status() + " " + result.exitCode());
                } else if (record instanceof TimelineRecord.State state
                        && state.attributes().containsKey("event")) {
                    found.add(state.attributes().get("event") + "="
                            + state.attributes().get("health"));
                }
            }
        }
        return found;
    }

    @Test
    void itTurnsUnhealthyAfterSoManyFailuresAndHealthyAfterOneSuccess() throws Exception {
        Container container = start(2);
        assertThat(health(container)).isEqualTo(HealthStatus.STARTING);
        assertThat(pass(container, INTERVAL.minusMillis(1)).results()).isEmpty();
        assertThat(pass(container, Duration.ofMillis(1)).status()).isEqualTo(HealthStatus.Status.HEALTHY);
        exitCode = 4;
        HealthStatus once = pass(container, INTERVAL);
        assertThat(once.status()).isEqualTo(HealthStatus.Status.HEALTHY);
        assertThat(once.failingStreak()).isEqualTo(1);
        assertThat(pass(container, INTERVAL).status()).isEqualTo(HealthStatus.Status.UNHEALTHY);
        assertThat(pass(container, INTERVAL).failingStreak()).isEqualTo(3);
        exitCode = 0;
        HealthStatus again = pass(container, INTERVAL);
        assertThat(again.status()).isEqualTo(HealthStatus.Status.HEALTHY);
        assertThat(again.failingStreak()).isZero();
        assertThat(again.results()).hasSize(5);
        assertThat(output(again.results().getLast())).isEqualTo("probe 5");
        assertThat(records(container))
                .containsExactly(
                        "healthy 0",
                        "health=healthy",
                        "healthy 4",
                        "unhealthy 4",
                        "health=unhealthy",
                        "unhealthy 4",
                        "healthy 0",
                        "health=healthy");
        assertThat(container.execs()).isEmpty();
    }

    @Test
    void changesOfStatusAreInTheFeed() throws Exception {
        try (FeedSubscription feed = test.engine().feed(null)) {
            Container container = start(1);
            exitCode = 1;
            pass(container, INTERVAL);
            List<String> events = new ArrayList<>();
            while (!events.contains("health")) {
                FeedRecord record = feed.next(TestEngine.LONG);
                events.add(Objects.requireNonNull(record).event());
                if (record.event().equals("health")) {
                    assertThat(((TimelineRecord.State) record.record()).attributes())
                            .containsEntry("health", "unhealthy")
                            .containsEntry("failingStreak", "1");
                }
            }
            assertThat(events).containsExactly("created", "starting", "running", "health");
        }
    }

    @Test
    void failuresInTheStartPeriodDoNotCountAndProbesComeSooner() {
        exitCode = 1;
        Container container = start(check(1, Duration.ofSeconds(5), "CMD", PROBE));
        for (int second = 1; second < 5; second++) {
            HealthStatus status = pass(container, Duration.ofSeconds(1));
            assertThat(status.results()).hasSize(second);
            assertThat(status.status()).isEqualTo(HealthStatus.Status.STARTING);
            assertThat(status.failingStreak()).isZero();
        }
        pass(container, Duration.ofSeconds(1));
        assertThat(pass(container, INTERVAL).status()).isEqualTo(HealthStatus.Status.UNHEALTHY);
    }

    @Test
    void oneSuccessEndsTheStartPeriod() {
        Container container = start(check(1, Duration.ofSeconds(50), "CMD", PROBE));
        assertThat(pass(container, Duration.ofSeconds(1)).status()).isEqualTo(HealthStatus.Status.HEALTHY);
        exitCode = 1;
        assertThat(pass(container, Duration.ofSeconds(1)).results()).hasSize(1);
        assertThat(pass(container, INTERVAL).status()).isEqualTo(HealthStatus.Status.UNHEALTHY);
    }

    @Test
    void aProbeThatHangsIsKilledAndFails() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        test.machine().script("hang", process -> {
            process.out("waiting");
            begun.countDown();
            process.hold();
            return 0;
        });
        Container container = start(check(1, null, "CMD", "hang"));
        time.pass(INTERVAL);
        begun.await();
        HealthStatus status = passUntilProbed(container);
        assertThat(status.status()).isEqualTo(HealthStatus.Status.UNHEALTHY);
        assertThat(status.results().getLast().exitCode()).isEqualTo(-1);
        assertThat(output(status.results().getLast()))
                .isEqualTo("waiting\nthe probe did not end within PT3S, and was killed");
        assertNoProbe(container);
    }

    private void assertNoProbe(Container container) {
        assertThatThrownBy(() -> test.machine().exec(container.id(), CommandProbe.EXEC_ID))
                .hasMessageContaining("has no exec");
    }

    @Test
    void onlyTheBeginningOfALongOutputIsKept() {
        test.machine().script("chatty", process -> {
            process.out("x".repeat(1 << 20));
            return 1;
        });
        Container container = start(check(1, null, "CMD", "chatty"));
        TimelineRecord.Health result = pass(container, INTERVAL).results().getLast();
        assertThat(output(result)).isEqualTo("x".repeat(4096));
        assertThat(result.exitCode()).isEqualTo(1);
    }

    @Test
    void aLineIsRunByTheShellInTheContainersEnvironment() {
        test.machine().script("sh", process -> {
            process.out(process.arguments() + " " + process.spec().environment());
            return 0;
        });
        Container container = test.engine()
                .create(new Request("hold")
                        .environment(Map.of("WHERE", "here"))
                        .healthCheck(check(1, null, "CMD-SHELL", "a line"))
                        .build());
        container.start();
        settle();
        assertThat(output(pass(container, INTERVAL).results().getLast()))
                .contains("[/bin/sh, -c, a line]", "WHERE=here", "IMAGE=scripted");
    }

    @Test
    void aCommandThatIsNotThereFails() {
        Container container = start(check(1, null, "CMD", "no-such-command"));
        TimelineRecord.Health result = pass(container, INTERVAL).results().getLast();
        assertThat(result.exitCode()).isEqualTo(127);
        assertThat(output(result)).contains("no-such-command");
        assertNoProbe(container);
    }

    @Test
    void aRuntimeThatIsAwaySaysNothingOfTheContainer() {
        Container container = start(1);
        test.machine().failNext(Call.PREPARE, Code.UNAVAILABLE);
        assertThat(pass(container, INTERVAL)).isEqualTo(HealthStatus.STARTING);
        assertThat(pass(container, INTERVAL).status()).isEqualTo(HealthStatus.Status.HEALTHY);
    }

    @Test
    void aPausedContainerIsNotProbed() {
        Container container = start(1);
        container.pause();
        assertThat(pass(container, INTERVAL.multipliedBy(3)).results()).isEmpty();
        assertThat(probes).hasValue(0);
        container.resume();
        assertThat(pass(container, INTERVAL).results()).hasSize(1);
    }

    @Test
    void aProbeInWhichItWasPausedDoesNotCount() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        test.machine().script("hang", process -> {
            begun.countDown();
            process.hold();
            return 0;
        });
        Container container = start(check(1, null, "CMD", "hang"));
        time.pass(INTERVAL);
        begun.await();
        container.pause();
        assertThat(passUntilProbed(container)).isEqualTo(HealthStatus.STARTING);
        container.resume();
        assertThat(health(container)).isEqualTo(HealthStatus.STARTING);
    }

    @Test
    void itStopsWithTheContainerAndBeginsAnewWithTheNextRun() {
        exitCode = 1;
        Container container = start(1);
        assertThat(pass(container, INTERVAL).status()).isEqualTo(HealthStatus.Status.UNHEALTHY);
        container.stop(Duration.ZERO);
        await().until(() -> time.pending() == PENDING - 1);
        time.pass(INTERVAL.multipliedBy(2));
        assertThat(probes).hasValue(1);
        assertThat(health(container).status()).isEqualTo(HealthStatus.Status.UNHEALTHY);
        container.start();
        settle();
        assertThat(health(container)).isEqualTo(HealthStatus.STARTING);
        assertThat(pass(container, INTERVAL).failingStreak()).isEqualTo(1);
    }

    @Test
    void aRestartOfTheServerChangesNothing() throws Exception {
        exitCode = 1;
        Container container = start(3);
        pass(container, INTERVAL);
        HealthStatus before = pass(container, INTERVAL);
        test.shutDown();
        test.startUp();
        settle();
        Container again = test.again(container);
        assertThat(health(again)).isEqualTo(before);
        assertThat(pass(again, INTERVAL).status()).isEqualTo(HealthStatus.Status.UNHEALTHY);
        assertThat(records(again)).containsExactly("starting 1", "starting 1", "unhealthy 1", "health=unhealthy");
    }

    @Test
    void aProbeThatAKilledServerLeftIsEndedBeforeTheNext() {
        Container container = start(1);
        RuntimeProcess left = test.runtime()
                .recover(((EngineContainer) container).handle())
                .prepareExec(CommandProbe.EXEC_ID, ProcessSpec.of(List.of("hold")));
        left.start();
        assertThat(pass(container, INTERVAL).status()).isEqualTo(HealthStatus.Status.HEALTHY);
        assertThat(left.exit().isDone()).isTrue();
        assertNoProbe(container);
    }

    @Test
    void aServerThatEndsInTheMiddleOfAProbeLeavesNoneAndNoResult() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        test.machine().script("hang", process -> {
            begun.countDown();
            process.hold();
            return 0;
        });
        Container container = start(check(1, null, "CMD", "hang"));
        time.pass(INTERVAL);
        begun.await();
        test.shutDown();
        assertNoProbe(container);
        test.startUp();
        settle();
        assertThat(test.again(container).health()).isEqualTo(HealthStatus.STARTING);
    }

    @Test
    void retentionOfOldSegmentsLosesNoStreakAndNoResults() throws Exception {
        exitCode = 7;
        Container container = start(check(100, null, "CMD", PROBE));
        pass(container, INTERVAL);
        HealthStatus before = pass(container, INTERVAL);
        test.process(container).out("x".repeat(3 << 20));
        await().until(() -> container.process().streamLength(StdStream.STDOUT) == 3 << 20);
        test.engine().sweep();
        assertThat(((EngineContainer) container).journal().timeline().firstSequence())
                .isGreaterThan(before.results().getLast().sequence());
        test.shutDown();
        test.startUp();
        settle();
        assertThat(health(test.again(container))).isEqualTo(before);
    }

    @Test
    void whoWaitsForItHearsThatItIsHealthy() throws Exception {
        Container container = start(1);
        assertThat(container.await(WaitCondition.HEALTHY, Duration.ZERO)).isEmpty();
        pass(container, INTERVAL);
        assertThat(container.await(WaitCondition.HEALTHY, null)).isPresent();
    }

    @Test
    void whoWaitsForItIsToldWhyItDoesNotComeToThat() {
        exitCode = 9;
        Container container = start(1);
        pass(container, INTERVAL);
        assertThatThrownBy(() -> container.await(WaitCondition.HEALTHY, null))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("is unhealthy. The last probe: exit code 9, probe 1");
        container.stop(Duration.ZERO);
        assertThatThrownBy(() -> container.await(WaitCondition.HEALTHY, null))
                .hasMessageContaining("has ended before it was healthy: exited, exit code 137");
        Container unchecked = test.start("hold");
        assertThat(unchecked.health()).isNull();
        assertThatThrownBy(() -> unchecked.await(WaitCondition.HEALTHY, null))
                .hasMessageContaining("has no health check");
    }

    @Test
    void anImagesCheckHoldsUnlessTheRequestSaysOtherwise() {
        HealthCheck ofImage = new HealthCheck(List.of("CMD", PROBE), INTERVAL, LIMIT, 7, null, null);
        Image.Config config = image(ofImage);
        HealthCheck asked = new HealthCheck(List.of(), null, null, 2, null, null);
        HealthCheck none = new HealthCheck(List.of("NONE"), null, null, 0, null, null);
        assertThat(HealthPolicy.of(null, config))
                .isEqualTo(new HealthPolicy(
                        List.of("CMD", PROBE), INTERVAL, LIMIT, 7, Duration.ZERO, Duration.ofSeconds(5)));
        assertThat(Objects.requireNonNull(HealthPolicy.of(asked, config)).retries())
                .isEqualTo(2);
        assertThat(Objects.requireNonNull(HealthPolicy.of(asked, config)).test())
                .containsExactly("CMD", PROBE);
        assertThat(HealthPolicy.of(none, config)).isNull();
        assertThat(HealthPolicy.of(null, image(none))).isNull();
        assertThat(HealthPolicy.of(null, image(null))).isNull();
        HealthCheck bare = new HealthCheck(List.of("CMD", PROBE), Duration.ZERO, null, 0, null, null);
        assertThat(HealthPolicy.of(bare, image(null)))
                .isEqualTo(new HealthPolicy(
                        List.of("CMD", PROBE),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(30),
                        3,
                        Duration.ZERO,
                        Duration.ofSeconds(5)));
        assertThatThrownBy(() -> HealthPolicy.of(asked, image(null)))
                .hasMessage("healthCheck test: empty (expected: a test, because the image has none)");
        test.machine().image("checked", config);
        Container container =
                test.engine().create(new Request("hold").image("checked").build());
        container.start();
        settle();
        assertThat(pass(container, INTERVAL).status()).isEqualTo(HealthStatus.Status.HEALTHY);
    }

    private static Image.Config image(HealthCheck check) {
        return new Image.Config(List.of(), List.of("hold"), List.of(), "", "", "", Map.of(), List.of(), check);
    }

    @Test
    void aCheckThatIsNoneIsRefusedAndNothingIsLeft() {
        refused("healthCheck test: CURL x (expected: CMD", check(1, null, "CURL", "x"));
        refused("healthCheck test: CMD (expected: CMD and a command)", check(1, null, "CMD"));
        refused("healthCheck test: CMD-SHELL a b", check(1, null, "CMD-SHELL", "a", "b"));
        refused("healthCheck test: NONE x (expected: NONE alone)", check(1, null, "NONE", "x"));
        refused("healthCheck test: HTTP 99999/x", check(1, null, "HTTP", "99999/x"));
        refused("healthCheck test: HTTP 80/a b", check(1, null, "HTTP", "80/a b"));
        refused("healthCheck test: TCP 0", check(1, null, "TCP", "0"));
        refused("healthCheck test: SOCKET run/x", check(1, null, "SOCKET", "run/x"));
        refused("healthCheck retries: -1 (expected: 0 to 10000)", check(-1, null, "CMD", PROBE));
        refused("healthCheck retries: 10001", check(10_001, null, "CMD", PROBE));
        refused("healthCheck startPeriod: PT-1S", check(1, Duration.ofSeconds(-1), "CMD", PROBE));
        refused("healthCheck startPeriod: PT0.000999999S", check(1, Duration.ofNanos(999_999), "CMD", PROBE));
        refused("healthCheck startPeriod: PT", check(1, Duration.ofSeconds(Long.MAX_VALUE), "CMD", PROBE));
        test.machine().image("broken", image(new HealthCheck(List.of("WHAT"), null, null, 0, null, null)));
        assertThatThrownBy(() ->
                        test.engine().create(new Request("hold").image("broken").build()))
                .hasMessageContaining("the image's healthCheck test: WHAT");
        assertThat(test.engine().containers(true)).isEmpty();
        assertThat(test.machine().containerIds()).isEmpty();
    }

    private void refused(String message, HealthCheck check) {
        assertThatThrownBy(() -> test.engine()
                        .create(new Request("hold").healthCheck(check).build()))
                .isInstanceOfSatisfying(
                        EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                .hasMessageContaining(message);
    }

    @Test
    void anHttpProbeAsksForThePathAndJudgesTheStatus() throws Exception {
        Container container = start(check(1, null, "HTTP", "8080/health?full=1"));
        assertThat(pass(container, INTERVAL).results().getLast().exitCode()).isEqualTo(1);
        for (String answer : List.of("HTTP/1.1 204 No Content", "HTTP/1.0 500 Oops", "HTTP/1.1 302 Found", "SSH-2.0")) {
            try (Answering server = new Answering(answer + "\r\n\r\n")) {
                test.machine().listen(container.id(), new Listener.Port(8080), server.address());
                TimelineRecord.Health result =
                        pass(container, INTERVAL).results().getLast();
                boolean isHealthy = answer.contains("204") || answer.contains("302");
                assertThat(result.exitCode()).as(answer).isEqualTo(isHealthy ? 0 : 1);
                assertThat(output(result)).contains(answer);
                assertThat(server.request()).isEqualTo("GET /health?full=1 HTTP/1.1");
            }
        }
    }

    @Test
    void aServerThatDoesNotAnswerInTimeIsUnhealthy() throws Exception {
        Container container = start(check(1, null, "HTTP", "8080"));
        try (Answering server = new Answering("")) {
            test.machine().listen(container.id(), new Listener.Port(8080), server.address());
            time.pass(INTERVAL);
            assertThat(server.request()).isEqualTo("GET / HTTP/1.1");
            TimelineRecord.Health result = passUntilProbed(container).results().getLast();
            assertThat(result.exitCode()).isEqualTo(-1);
            assertThat(output(result)).isEqualTo("no answer within PT3S");
        }
    }

    @Test
    void aConnectionThatIsTakenIsEnoughForTcpAndForASocket() throws Exception {
        Container tcp = start(check(1, null, "TCP", "99"));
        assertThat(pass(tcp, INTERVAL).status()).isEqualTo(HealthStatus.Status.UNHEALTHY);
        try (Answering server = new Answering("")) {
            test.machine().listen(tcp.id(), new Listener.Port(99), server.address());
            assertThat(pass(tcp, INTERVAL).status()).isEqualTo(HealthStatus.Status.HEALTHY);
            tcp.remove(true);
            await().until(() -> time.pending() == PENDING - 1);
            Container socket = start(check(1, null, "SOCKET", "/run/app.sock"));
            test.machine().listen(socket.id(), new Listener.Socket("/run/app.sock"), server.address());
            assertThat(pass(socket, INTERVAL).status()).isEqualTo(HealthStatus.Status.HEALTHY);
        }
    }

    /** Answers each connection with the same text; with nothing to say it holds it open. */
    private static final class Answering implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();

        Answering(String answer) throws IOException {
            Thread.ofVirtual().start(() -> {
                List<Socket> held = new ArrayList<>();
                try {
                    while (true) {
                        Socket taken = socket.accept();
                        held.add(taken);
                        var lines = new BufferedReader(
                                new InputStreamReader(taken.getInputStream(), StandardCharsets.US_ASCII));
                        String first = lines.readLine();
                        if (first != null) {
                            requests.add(first);
                            taken.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                        }
                    }
                } catch (IOException e) {
                    held.forEach(Answering::close);
                }
            });
        }

        private static void close(Socket socket) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        SocketAddress address() {
            return socket.getLocalSocketAddress();
        }

        String request() throws InterruptedException {
            return Objects.requireNonNull(requests.poll(TestEngine.LONG.toSeconds(), TimeUnit.SECONDS));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void clientsCannotTakeTheProbesExecId() {
        Container container = test.start("hold");
        assertThatThrownBy(() -> container.exec(TestEngine.newExec(CommandProbe.EXEC_ID, "true")))
                .hasMessageContaining("exec id: tailrace-health");
    }
}
