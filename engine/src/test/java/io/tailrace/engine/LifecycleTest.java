package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.log.ExitReason;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.conformance.ScriptedMachine.Call;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LifecycleTest {
    @TempDir
    Path directory;

    private TestEngine test;

    @BeforeEach
    void open() {
        test = TestEngine.open(directory);
    }

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void aProcessThatEndsAtOnceIsNotMissed() throws InterruptedException {
        for (int i = 0; i < 50; i++) {
            Container container = test.run("exit", "7");
            TimelineRecord.Exit exit = container.status().exit();
            assertThat(exit.exitCode()).isEqualTo(7);
            assertThat(exit.reason()).isEqualTo(ExitReason.EXITED);
            container.remove(false);
        }
    }

    @Test
    void theTimelineTellsTheWholeLife() throws InterruptedException {
        Container container = test.run("echo", "hello");
        assertThat(TestEngine.states(TestEngine.records(container.process())))
                .containsExactly("created", "starting", "running", "draining", "exited", "Exit EXITED");
        assertThat(TestEngine.text(container.process(), StdStream.STDOUT)).isEqualTo("hello\n");
        ProcessStatus status = container.status();
        assertThat(status.state()).isEqualTo(ContainerState.EXITED);
        assertThat(status.startedAt()).isBetween(status.createdAt(), status.finishedAt());
    }

    @Test
    void aKillFromOutsideIsTold() throws InterruptedException {
        TimelineRecord.Exit exit = test.run("kill-self", "6").status().exit();
        assertThat(exit.reason()).isEqualTo(ExitReason.SIGNALLED);
        assertThat(exit.signal()).isEqualTo(6);
        assertThat(exit.exitCode()).isEqualTo(134);
    }

    @Test
    void outOfMemoryIsToldFromAKill() throws InterruptedException {
        Container greedy =
                test.engine().create(new Request("gorge").memoryBytes(64 << 20).build());
        greedy.start();
        assertThat(TestEngine.awaitExit(greedy).reason()).isEqualTo(ExitReason.OUT_OF_MEMORY);

        Container killed = test.start("hold");
        killed.process().signal(Signal.KILL);
        TimelineRecord.Exit exit = TestEngine.awaitExit(killed);
        assertThat(exit.reason()).isEqualTo(ExitReason.STOPPED);
        assertThat(exit.exitCode()).isEqualTo(137);
    }

    @Test
    void aSignalThatAProcessOutlivesIsNotTheReasonOfItsEnd() throws InterruptedException {
        test.machine().script("reloads", process -> {
            process.ignore(1);
            process.awaitSignal(1);
            process.out("reloaded");
            return 0;
        });
        Container container = test.start("reloads");
        await().until(() -> {
            container.process().signal(Signal.parse("HUP"));
            return true;
        });
        assertThat(TestEngine.awaitExit(container).reason()).isIn(ExitReason.EXITED, ExitReason.STOPPED);
    }

    @Test
    void aStopEndsWithItsReason() {
        Container container = test.start("hold");
        container.stop(null);
        assertThat(container.status().exit().reason()).isEqualTo(ExitReason.STOPPED);
        assertThat(container.status().exit().signal()).isEqualTo(15);
        container.stop(null);
    }

    @Test
    void aProcessThatIgnoresTheStopSignalIsKilledAfterTheGrace() throws InterruptedException {
        Container container = test.start("stubborn");
        try (Subscription output = container.process().subscribe(SubscriptionRequest.fromStart())) {
            awaitOutput(output);
        }
        container.stop(Duration.ofMillis(50));
        assertThat(container.status().exit().exitCode()).isEqualTo(137);
        assertThat(container.status().exit().reason()).isEqualTo(ExitReason.STOPPED);
        assertThat(TestEngine.text(container.process(), StdStream.STDOUT)).isEqualTo("ready\nignored\n");
    }

    @Test
    void theStopSignalIsTheContainersOwn() {
        Container container =
                test.engine().create(new Request("hold").stopSignal("USR1").build());
        container.start();
        container.stop(null);
        assertThat(container.status().exit().signal()).isEqualTo(10);
    }

    @Test
    void aPausedContainerCanBeStopped() {
        Container container = test.start("hold");
        container.pause();
        assertThat(container.status().state()).isEqualTo(ContainerState.PAUSED);
        container.stop(null);
        assertThat(container.status().state()).isEqualTo(ContainerState.EXITED);
    }

    @Test
    void aPauseAndAResumeAreTold() {
        Container container = test.start("hold");
        container.pause();
        container.resume();
        assertThat(container.status().state()).isEqualTo(ContainerState.RUNNING);
        assertThatThrownBy(container::resume)
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("is running")
                .hasMessageContaining("created")
                .hasMessageContaining("paused")
                .hasMessageContaining("resumed")
                .extracting("code")
                .isEqualTo(ErrorCode.FAILED_PRECONDITION);
    }

    @Test
    void aSecondStartIsRefusedWithTheHistory() {
        Container container = test.start("hold");
        assertThatThrownBy(container::start)
                .hasMessageContaining("is running, which does not allow: start")
                .hasMessageContaining("History: created ");
    }

    @Test
    void aMissingCommandIsAnExitAndAnError() {
        Container container = test.create("no-such-command");
        assertThatThrownBy(container::start).extracting("code").isEqualTo(ErrorCode.COMMAND_NOT_FOUND);
        TimelineRecord.Exit exit = container.status().exit();
        assertThat(exit.reason()).isEqualTo(ExitReason.START_FAILED);
        assertThat(exit.exitCode()).isEqualTo(127);

        Container file = test.create("/etc/passwd");
        assertThatThrownBy(file::start).extracting("code").isEqualTo(ErrorCode.COMMAND_NOT_EXECUTABLE);
        assertThat(file.status().exit().exitCode()).isEqualTo(126);
        file.remove(false);
    }

    @Test
    void aFailureOfTheRuntimeAtTheStartLeavesAContainerThatCanBeStarted() throws InterruptedException {
        for (Call call : new Call[] {Call.PREPARE, Call.START}) {
            Container container = test.create("exit", "3");
            test.machine().failNext(call, Code.INTERNAL);
            assertThatThrownBy(container::start).extracting("code").isEqualTo(ErrorCode.INTERNAL);
            assertThat(container.status().exit().reason()).isEqualTo(ExitReason.START_FAILED);
            container.start();
            assertThat(TestEngine.awaitExit(container).exitCode()).isEqualTo(3);
        }
    }

    @Test
    void anEndedContainerRunsAgainOnTheSameTimeline() throws InterruptedException {
        Container container = test.run("echo", "again");
        container.start();
        TestEngine.awaitExit(container);
        assertThat(TestEngine.text(container.process(), StdStream.STDOUT)).isEqualTo("again\nagain\n");
        assertThat(container.status().exit().stdoutLength()).isEqualTo(12);
    }

    @Test
    void aRestartIsNotTheEndForAReader() throws InterruptedException {
        Container container = test.start("hold");
        test.process(container).ignore(0);
        try (Subscription reader = container.process().subscribe(SubscriptionRequest.fromStart())) {
            container.restart(null);
            assertThat(container.status().state()).isEqualTo(ContainerState.RUNNING);
            container.stop(null);
            assertThat(TestEngine.states(TestEngine.drain(reader)))
                    .containsSubsequence("Exit STOPPED", "starting", "running", "Exit STOPPED");
        }
    }

    @Test
    void aRunThatTakesTooLongIsStopped() throws InterruptedException {
        Container container = test.engine()
                .create(new Request("hold").timeout(Duration.ofMillis(50)).build());
        container.start();
        assertThat(TestEngine.awaitExit(container).reason()).isEqualTo(ExitReason.TIMED_OUT);
    }

    @Test
    void aRunningContainerIsRemovedOnlyByForce() {
        Container container = test.start("hold");
        assertThatThrownBy(() -> container.remove(false)).extracting("code").isEqualTo(ErrorCode.FAILED_PRECONDITION);
        container.remove(true);
        assertThat(container.status().state()).isEqualTo(ContainerState.REMOVED);
        assertThat(test.machine().containerIds()).isEmpty();
        container.remove(false);
        assertThatThrownBy(container::start).extracting("code").isEqualTo(ErrorCode.FAILED_PRECONDITION);
    }

    @Test
    void aContainerThatAskedForItIsRemovedAfterItsEndAndStaysReadable() throws InterruptedException {
        Container container =
                test.engine().create(new Request("echo", "bye").autoRemove().build());
        container.start();
        assertThat(container.await(Container.WaitCondition.REMOVED, TestEngine.LONG))
                .isPresent();
        assertThat(test.machine().containerIds()).isEmpty();
        assertThat(TestEngine.text(container.process(), StdStream.STDOUT)).isEqualTo("bye\n");
        assertThat(test.engine().containers(false)).isEmpty();
        assertThat(test.engine().containers(true)).hasSize(1);
    }

    @Test
    void theNameOfAContainerThatRemovesItselfIsFreeForWhoeverSawItEnd() throws InterruptedException {
        for (int i = 0; i < 20; i++) {
            test.machine().beforeNext(Call.REMOVE, LifecycleTest::takeAWhile);
            Container container = test.engine()
                    .create(new Request("true").name("job").autoRemove().build());
            container.start();
            assertThat(container.await(Container.WaitCondition.NOT_RUNNING, TestEngine.LONG))
                    .isPresent();
        }
    }

    private static void takeAWhile() {
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }

    @Test
    void outputThatAGrandchildHoldsOpenDoesNotHoldUpTheEnd() throws InterruptedException {
        test.machine().script("orphans", process -> {
            process.holdOutput();
            process.out("last words");
            return 4;
        });
        Container container = test.run("orphans");
        TimelineRecord.Exit exit = container.status().exit();
        assertThat(exit.exitCode()).isEqualTo(4);
        assertThat(exit.message()).contains("stdout and stderr was still open");
        assertThat(TestEngine.text(container.process(), StdStream.STDOUT)).isEqualTo("last words");
    }

    @Test
    void waitsEndWithWhatTheyWaitFor() throws InterruptedException {
        Container container = test.start("hold");
        assertThat(container.await(Container.WaitCondition.NOT_RUNNING, Duration.ofMillis(20)))
                .isEmpty();
        CompletableFuture<Optional<ProcessStatus>> status = new CompletableFuture<>();
        Thread waiting = Thread.startVirtualThread(() -> {
            try {
                status.complete(container.await(Container.WaitCondition.NEXT_EXIT, TestEngine.LONG));
            } catch (InterruptedException e) {
                status.completeExceptionally(e);
            }
        });
        await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
        container.stop(null);
        assertThat(status.join()).isPresent();
        assertThat(container.await(Container.WaitCondition.NEXT_EXIT, Duration.ofMillis(20)))
                .isEmpty();
    }

    @Test
    void aProcessThatTheRuntimeLostIsLost() throws InterruptedException {
        Container container = test.start("hold");
        test.process(container).lose();
        assertThat(TestEngine.awaitExit(container).reason()).isEqualTo(ExitReason.LOST);
        assertThat(container.status().exit().exitCode()).isEqualTo(-1);
    }

    @Test
    void theUsageHasTheShareOfTheProcessor() {
        Container container = test.start("hold");
        assertThat(container.usage().cpuPercent()).isBetween(20.0, 30.0);
        assertThat(container.usage().sample().memoryBytes()).isPositive();
        container.stop(null);
        assertThatThrownBy(container::usage).extracting("code").isEqualTo(ErrorCode.FAILED_PRECONDITION);
    }

    private static void awaitOutput(Subscription output) throws InterruptedException {
        TimelineRecord record = output.next(TestEngine.LONG);
        while (!(record instanceof TimelineRecord.Output)) {
            record = output.next(TestEngine.LONG);
        }
    }

    @Test
    void aRemovalThatTheRuntimeCannotBeAskedForSaysSoAndCanBeAskedForAgain() throws Exception {
        test.machine().failNext(Call.DELETE, Code.INTERNAL);
        Container container = test.run("true");
        ((EngineProcess) container.process()).awaitCleanUp();
        test.machine().failNext(Call.DELETE, Code.UNAVAILABLE);
        assertThatThrownBy(() -> container.remove(false))
                .isInstanceOfSatisfying(
                        EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
        container.remove(false);
        assertThat(container.status().state()).isEqualTo(ContainerState.REMOVED);
    }

    @Test
    void anAutomaticRemovalThatFailsIsTriedAgain() throws InterruptedException {
        test.machine().failNext(Call.REMOVE, Code.UNAVAILABLE);
        Container container =
                test.engine().create(new Request("true").autoRemove().build());
        container.start();
        assertThat(container.await(Container.WaitCondition.REMOVED, TestEngine.LONG))
                .isPresent();
        assertThat(test.machine().containerIds()).isEmpty();
        await().until(() -> test.engine().problems().isEmpty());
    }

    @Test
    void aContainerThatIsStartedAgainDuringItsForcedRemovalIsRemovedAllTheSame() {
        Container container = test.start("hold");
        test.machine().beforeNext(Call.SIGNAL, () -> {
            test.process(container).exit(0);
            await().until(() -> container.status().state() == ContainerState.EXITED);
            container.start();
        });
        container.remove(true);
        assertThat(container.status().state()).isEqualTo(ContainerState.REMOVED);
        assertThat(test.machine().containerIds()).isEmpty();
    }

    @Test
    void aContainerThatIsPausedWhileItIsStoppedIsThawedForTheKill() throws Exception {
        Container container = test.start("stubborn");
        try (Subscription output = container.process().subscribe(SubscriptionRequest.fromStart())) {
            awaitOutput(output);
            Thread stopping = Thread.startVirtualThread(() -> container.stop(Duration.ofSeconds(2)));
            awaitOutput(output);
            container.pause();
            assertThat(stopping.join(TestEngine.LONG)).isTrue();
        }
        assertThat(TestEngine.states(TestEngine.records(container.process())))
                .containsSubsequence("paused", "running", "draining", "Exit STOPPED");
    }

    @Test
    void durationsBeyondWhatAClockCanCountAreWithoutEnd() throws InterruptedException {
        Duration forever = Duration.ofSeconds(Long.MAX_VALUE);
        Container container =
                test.engine().create(new Request("hold").timeout(forever).build());
        container.start();
        container.stop(forever);
        assertThat(container.await(Container.WaitCondition.NOT_RUNNING, forever))
                .isPresent();
    }
}
