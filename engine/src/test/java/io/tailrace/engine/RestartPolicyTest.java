package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.engine.RestartPolicy.Kind;
import io.tailrace.engine.RestartPolicy.Restart;
import io.tailrace.log.ExitReason;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.conformance.ScriptedMachine.Call;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class RestartPolicyTest {
    private static final String FLAKY = "flaky";

    @TempDir
    Path directory;

    private final AtomicInteger runs = new AtomicInteger();
    private TestEngine test;

    @BeforeEach
    void open() {
        test = TestEngine.open(directory);
    }

    @AfterEach
    void close() {
        test.close();
    }

    /** Fails so often, and then stays. */
    private void fails(int times) {
        test.machine().script(FLAKY, process -> {
            int run = runs.incrementAndGet();
            process.out("run %d%n".formatted(run));
            if (run <= times) {
                return 3;
            }
            process.awaitSignal(15);
            return 0;
        });
    }

    private Container start(Kind kind, int retriesMax, String... command) {
        Container container = test.engine()
                .create(new Request(command).restart(kind, retriesMax).build());
        container.start();
        return container;
    }

    private static void awaitState(Container container, ContainerState state) {
        await().atMost(TestEngine.LONG).until(() -> container.status().state() == state);
    }

    private static List<TimelineRecord.State> restarts(Container container) throws InterruptedException {
        List<TimelineRecord.State> found = new ArrayList<>();
        var request = new SubscriptionRequest(
                new SubscriptionRequest.From.Start(),
                Set.of(SubscriptionRequest.Kind.STATE),
                Set.of(),
                SubscriptionRequest.End.NOW);
        try (Subscription subscription = container.process().subscribe(request)) {
            for (TimelineRecord record = subscription.poll(); record != null; record = subscription.poll()) {
                if (record instanceof TimelineRecord.State state
                        && state.state().equals(ContainerState.RESTARTING.word())) {
                    found.add(state);
                }
            }
        }
        return found;
    }

    @Test
    void whatCrashesThreeTimesComesBackAndItsTimelineTellsThePauses() throws InterruptedException {
        fails(3);
        Container container = start(Kind.ON_FAILURE, 0, FLAKY);
        await().atMost(TestEngine.LONG)
                .until(() -> runs.get() == 4 && container.status().state() == ContainerState.RUNNING);
        assertThat(container.status().restarts()).isEqualTo(3);
        assertThat(restarts(container))
                .extracting(state -> state.attributes().get("pauseMillis"))
                .containsExactly("100", "200", "400");
        container.stop(null);
        assertThat(container.status().state()).isEqualTo(ContainerState.EXITED);
        assertThat(TestEngine.text(container.process(), StdStream.STDOUT)).isEqualTo("run 1\nrun 2\nrun 3\nrun 4\n");
    }

    @Test
    void whoFollowsToTheEndSeesEveryRunAndTheLastExit() throws InterruptedException {
        fails(5);
        Container container = test.engine()
                .create(new Request(FLAKY).restart(Kind.ON_FAILURE, 2).build());
        var request = new SubscriptionRequest(
                new SubscriptionRequest.From.Start(), Set.of(), Set.of(), SubscriptionRequest.End.EXIT);
        try (Subscription subscription = container.process().subscribe(request)) {
            container.start();
            int exits = 0;
            for (TimelineRecord record = subscription.next(TestEngine.LONG);
                    record != null;
                    record = subscription.next(TestEngine.LONG)) {
                exits += record instanceof TimelineRecord.Exit ? 1 : 0;
            }
            assertThat(exits).isEqualTo(3);
            assertThat(subscription.isEnded()).isTrue();
        }
        assertThat(container.status().state()).isEqualTo(ContainerState.EXITED);
        assertThat(container.status().restarts()).isEqualTo(2);
        assertThat(container.await(Container.WaitCondition.NOT_RUNNING, Duration.ZERO))
                .isPresent();
    }

    @Test
    void successIsAFailureToNobodyButAlwaysRunsAgain() throws InterruptedException {
        Container done = start(Kind.ON_FAILURE, 0, "true");
        TestEngine.awaitExit(done);
        assertThat(done.status().state()).isEqualTo(ContainerState.EXITED);
        Container again = start(Kind.ALWAYS, 0, "true");
        await().atMost(TestEngine.LONG).until(() -> again.status().restarts() >= 2);
        again.stop(null);
        awaitState(again, ContainerState.EXITED);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"ON_FAILURE", "ALWAYS", "UNLESS_STOPPED"})
    void whatAClientStopsStaysStopped(Kind kind) throws InterruptedException {
        Container container = start(kind, 0, "hold");
        container.stop(Duration.ZERO);
        assertThat(container.status().state()).isEqualTo(ContainerState.EXITED);
        assertThat(container.status().exit().reason()).isEqualTo(ExitReason.STOPPED);
        assertThat(restarts(container)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"ALWAYS, RUNNING", "UNLESS_STOPPED, EXITED"})
    void whatAClientHadStoppedRunsWithTheNextServerIfItIsAlwaysTo(Kind kind, ContainerState expected) {
        Container container = start(kind, 0, "hold");
        container.stop(Duration.ZERO);
        test.restart();
        Container again = test.again(container);
        awaitState(again, expected);
    }

    @Test
    void whatAClientHadStoppedBetweenTwoRunsRunsWithTheNextServerIfItIsAlwaysTo() {
        fails(100);
        Container container = start(Kind.ALWAYS, 0, FLAKY);
        await().atMost(TestEngine.LONG).until(() -> container.status().restarts() >= 3);
        awaitState(container, ContainerState.RESTARTING);
        container.stop(null);
        assertThat(container.status().exit().reason()).isEqualTo(ExitReason.EXITED);
        assertThat(container.status().state()).isEqualTo(ContainerState.EXITED);
        test.restart();
        fails(0);
        awaitState(test.again(container), ContainerState.RUNNING);
    }

    @Test
    void stoppingItBetweenTwoRunsEndsItForGood() throws InterruptedException {
        fails(100);
        Container container = start(Kind.UNLESS_STOPPED, 0, FLAKY);
        await().atMost(TestEngine.LONG).until(() -> container.status().restarts() >= 3);
        awaitState(container, ContainerState.RESTARTING);
        container.stop(null);
        int before = runs.get();
        assertThat(container.status().state()).isEqualTo(ContainerState.EXITED);
        test.restart();
        Container again = test.again(container);
        assertThat(again.status().state()).isEqualTo(ContainerState.EXITED);
        assertThat(again.await(Container.WaitCondition.NEXT_EXIT, Duration.ofSeconds(1)))
                .isEmpty();
        assertThat(runs.get()).isEqualTo(before);
        fails(0);
        again.start();
        assertThat(again.status().restarts()).isZero();
    }

    @Test
    void aServerThatIsRestartedBetweenTwoRunsGoesOn() {
        fails(4);
        Container container = start(Kind.ALWAYS, 0, FLAKY);
        await().atMost(TestEngine.LONG).until(() -> container.status().restarts() >= 3);
        awaitState(container, ContainerState.RESTARTING);
        test.shutDown();
        test.startUp();
        fails(4);
        Container again = test.again(container);
        await().atMost(TestEngine.LONG)
                .until(() -> runs.get() == 5 && again.status().state() == ContainerState.RUNNING);
        assertThat(again.status().restarts()).isEqualTo(4);
    }

    @Test
    void aRestartThatCannotBeginIsTriedAgain() {
        fails(1);
        test.machine().failNext(Call.PREPARE, Code.UNAVAILABLE);
        assertThatThrownBy(() -> start(Kind.ALWAYS, 0, FLAKY)).isInstanceOf(EngineException.class);
        Container container = test.engine().containers(false).getFirst();
        assertThat(container.status().state())
                .as("who starts it is told that it fails")
                .isEqualTo(ContainerState.EXITED);
        test.machine().beforeNext(Call.PREPARE, () -> test.machine().failNext(Call.PREPARE, Code.UNAVAILABLE));
        container.start();
        await().atMost(TestEngine.LONG)
                .until(() -> runs.get() == 2 && container.status().state() == ContainerState.RUNNING);
    }

    @Test
    void whatIsAboutToRunAgainIsRemovedByForceOnly() {
        fails(100);
        Container container = start(Kind.ALWAYS, 0, FLAKY);
        await().atMost(TestEngine.LONG).until(() -> container.status().restarts() >= 3);
        awaitState(container, ContainerState.RESTARTING);
        assertThatThrownBy(() -> container.remove(false))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("restarting");
        container.remove(true);
        assertThat(container.status().state()).isEqualTo(ContainerState.REMOVED);
        assertThat(test.machine().containerIds()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 100", "100, 1, 200", "51200, 9, 60000", "60000, 9, 60000", "60000, 10, 100"})
    void pausesDoubleToAMinuteAndBeginAnewAfterTenSecondsUp(long last, int upSeconds, long expected) {
        Fold before = fold(3, last);
        var ending = new Ending(ExitReason.EXITED, 1, (100L + upSeconds) * 1_000_000_000, "");
        assertThat(new RestartPolicy(Kind.ALWAYS, 0).after(before, ending)).isEqualTo(new Restart(4, expected));
    }

    private static Fold fold(long restarts, long pauseMillis) {
        return new Fold(
                ContainerState.RUNNING,
                Map.of(),
                1,
                new Fold.Run(100L * 1_000_000_000, 0, 1, null, 0, false, null),
                restarts,
                0,
                0,
                new Restart(restarts, pauseMillis),
                HealthStatus.STARTING,
                List.of());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aPolicyIsReadAsItIsWritten(Kind kind) {
        var policy = new RestartPolicy(kind, kind == Kind.ON_FAILURE ? 3 : 0);
        assertThat(RestartPolicy.parse(policy.text())).isEqualTo(policy);
    }

    @Test
    void whatContradictsItselfIsRefused() {
        assertThatThrownBy(() -> test.engine()
                        .create(new Request("true")
                                .restart(Kind.ALWAYS, 0)
                                .autoRemove()
                                .build()))
                .hasMessage("restart: always (expected: no, for a container that is removed when it has exited)");
        assertThatThrownBy(() -> test.engine()
                        .create(new Request("true").restart(Kind.ALWAYS, 3).build()))
                .hasMessageContaining("restart retries: 3");
        assertThatThrownBy(() -> test.engine()
                        .create(new Request("true").restart(Kind.ON_FAILURE, -1).build()))
                .hasMessageContaining("restart retries: -1");
        assertThat(test.engine().containers(true)).isEmpty();
    }
}
