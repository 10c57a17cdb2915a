package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.log.ExitReason;
import io.tailrace.log.StdStream;
import io.tailrace.log.Timeline;
import io.tailrace.log.TimelineConfig;
import io.tailrace.log.TimelineReader;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.conformance.ScriptedMachine.Call;
import io.tailrace.runtime.conformance.Scripts;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a new engine does with what an earlier one left, tidily or not. */
@Timeout(60)
class AdoptionTest {
    @TempDir
    Path directory;

    private TestEngine test;

    @BeforeEach
    void open() {
        test = TestEngine.openWithFifos(directory);
    }

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void aRunningProcessGoesOnAtTheNextByte() throws Exception {
        Container before = test.start("hold");
        test.process(before).out("before ");
        await().until(() -> before.process().streamLength(StdStream.STDOUT) == 7);
        test.shutDown();
        test.process(before).out("meanwhile ");
        test.startUp();
        Container after = test.again(before);
        assertThat(after.status().state()).isEqualTo(ContainerState.RUNNING);
        assertThat(after.request()).isEqualTo(before.request());
        assertThat(after.spec()).isEqualTo(before.spec());
        assertThat(after.name()).isEqualTo(before.name());
        assertThat(after.status()).isEqualTo(before.status());
        test.process(after).out("after");
        test.process(after).exit(3);
        TimelineRecord.Exit exit = TestEngine.awaitExit(after);
        assertThat(exit.exitCode()).isEqualTo(3);
        assertThat(exit.reason()).isEqualTo(ExitReason.EXITED);
        assertThat(TestEngine.text(after.process(), StdStream.STDOUT)).isEqualTo("before meanwhile after");
    }

    @Test
    void aProcessThatEndedMeanwhileIsDrainedAndThenEnded() throws Exception {
        Container container = test.start("hold");
        test.shutDown();
        test.process(container).out("last ");
        test.process(container).err("words");
        test.process(container).exit(9);
        test.startUp();
        Container after = test.again(container);
        assertThat(TestEngine.awaitExit(after).exitCode()).isEqualTo(9);
        assertThat(TestEngine.text(after.process(), StdStream.STDOUT)).isEqualTo("last ");
        assertThat(TestEngine.text(after.process(), StdStream.STDERR)).isEqualTo("words");
        after.start();
        test.process(after).exit(0);
        TestEngine.awaitExit(after);
    }

    @Test
    void aBusyProcessLosesNothingOverManyRestarts() throws Exception {
        int count = 12_000_000;
        Container container = test.start("print", Integer.toString(count));
        for (int i = 0; i < 5; i++) {
            test.restart();
        }
        Container after = test.again(container);
        TestEngine.awaitExit(after);
        assertThat(TestEngine.bytes(TestEngine.records(after.process()), StdStream.STDOUT))
                .isEqualTo(Scripts.pattern(count));
    }

    @Test
    void aContainerThatTheRuntimeNoLongerHasIsLost() throws Exception {
        Container container = test.start("hold");
        test.shutDown();
        test.machine().lose(container.id());
        test.startUp();
        Container after = test.again(container);
        TimelineRecord.Exit exit = TestEngine.awaitExit(after);
        assertThat(exit.reason()).isEqualTo(ExitReason.LOST);
        assertThat(exit.exitCode()).isEqualTo(-1);
        assertThatThrownBy(after::start).hasMessageContaining("the runtime no longer has it");
        after.remove(false);
        assertThat(after.status().state()).isEqualTo(ContainerState.REMOVED);
    }

    @Test
    void anExecThatWasMadeAndNotStartedHasAnEnd() throws Exception {
        Container container = test.start("hold");
        NewExec request = TestEngine.newExec("job", "exit", "3");
        TestEngine.records(container.exec(request));
        test.shutDown();
        keepOnlyTheFirstRecord(
                directory.resolve("data/containers").resolve(container.id()).resolve("execs/job/timeline"));
        test.startUp();
        // Whoever asked for it asks again with the same id, and must not wait for ever.
        Exec after = test.again(container).exec(request);
        List<TimelineRecord> records = TestEngine.records(after);
        assertThat(((TimelineRecord.Exit) records.getLast()).reason()).isEqualTo(ExitReason.START_FAILED);
        assertThat(TestEngine.states(records)).containsExactly("created", "starting", "exited", "Exit START_FAILED");
        test.process(test.again(container)).exit(0);
    }

    private static void keepOnlyTheFirstRecord(Path timeline) throws IOException {
        TimelineRecord.State first;
        try (Timeline opened = Timeline.open(timeline, TimelineConfig.defaults());
                TimelineReader reader = opened.read(1)) {
            first = (TimelineRecord.State) reader.poll();
        }
        try (var files = Files.list(timeline)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(timeline);
        try (Timeline written = Timeline.create(timeline, TimelineConfig.defaults())) {
            written.appendState(first.state(), first.attributes());
        }
    }

    @Test
    void anExitedContainerStaysAsItWas() throws Exception {
        Container before = test.run("exit", "5");
        ProcessStatus status = before.status();
        List<TimelineRecord> records = TestEngine.records(before.process());
        test.restart();
        test.restart();
        Container after = test.again(before);
        assertThat(after.status()).isEqualTo(status);
        assertThat(TestEngine.records(after.process())).isEqualTo(records);
        after.start();
        assertThat(TestEngine.awaitExit(after).exitCode()).isEqualTo(5);
    }

    @Test
    void aPausedContainerStaysPaused() {
        Container container = test.start("hold");
        container.pause();
        test.restart();
        Container after = test.again(container);
        assertThat(after.status().state()).isEqualTo(ContainerState.PAUSED);
        after.resume();
        after.stop(null);
        assertThat(after.status().state()).isEqualTo(ContainerState.EXITED);
    }

    @Test
    void aCreateThatWasCutShortLeavesNothing() throws Exception {
        cutShort(Call.CREATE, () -> test.create("true"));
        assertThat(test.engine().containers(true)).isEmpty();
        await().untilAsserted(() -> assertThat(test.machine().containerIds()).isEmpty());
        try (var left = Files.list(directory.resolve("data/containers"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aStartThatWasCutShortIsAnEndAndCanBeRepeated() throws Exception {
        Container container = test.create("exit", "4");
        cutShort(Call.PREPARE, container::start);
        Container after = test.again(container);
        assertThat(TestEngine.awaitExit(after).reason()).isIn(ExitReason.START_FAILED, ExitReason.LOST);
        after.start();
        assertThat(TestEngine.awaitExit(after).exitCode()).isEqualTo(4);
    }

    /** Kills the server, as it were, while it is in a call to the runtime. */
    private void cutShort(Call call, Runnable action) throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        test.machine().beforeNext(call, () -> {
            entered.countDown();
            try {
                leave.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new ContainerRuntimeException(Code.UNAVAILABLE, "killed");
        });
        Thread killed = Thread.startVirtualThread(() -> {
            try {
                action.run();
            } catch (RuntimeException e) {
                // It was killed.
            }
        });
        entered.await();
        test.shutDown();
        test.startUp();
        leave.countDown();
        killed.join();
    }

    @Test
    void aContainerThatNoTimelineKnowsIsRemoved() {
        test.start("hold");
        Container known = test.start("hold");
        String unknown = test.engine().containers(false).stream()
                .map(Container::id)
                .filter(id -> !id.equals(known.id()))
                .findFirst()
                .orElseThrow();
        test.shutDown();
        deleteTree(directory.resolve("data/containers").resolve(unknown));
        test.startUp();
        assertThat(test.machine().containerIds()).containsExactly(known.id());
        assertThat(test.engine().containers(true)).hasSize(1);
    }

    private static void deleteTree(Path root) {
        try (var tree = Files.walk(root)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aCheckpointCarriesTheStateOverDeletedSegments() throws Exception {
        test.close();
        Path other = directory.resolve("small");
        test = TestEngine.open(
                other,
                config -> new EngineConfig(
                        config.dataDirectory(),
                        config.retention(),
                        config.stopGrace(),
                        config.drainTimeout(),
                        256 << 10,
                        64 << 10,
                        config.onFullDisk(),
                        config.fsync(),
                        config.containersMax(),
                        config.execsPerContainerMax(),
                        config.feedRecordsMax(),
                        config.sampling()));
        Container container = test.start("hold");
        for (int i = 0; i < 40; i++) {
            test.process(container).out(Scripts.pattern(60_000));
        }
        await().until(() -> container.process().streamLength(StdStream.STDOUT) == 2_400_000);
        ProcessStatus status = container.status();
        test.restart();
        Container after = test.again(container);
        assertThat(after.status()).isEqualTo(status);
        assertThat(after.request()).isEqualTo(container.request());
        test.process(after).exit(1);
        TestEngine.awaitExit(after);
        List<TimelineRecord> records = TestEngine.records(after.process());
        assertThat(records.getFirst()).isInstanceOfSatisfying(TimelineRecord.Gap.class, gap -> {
            assertThat(gap.reason()).isEqualTo("retention");
            assertThat(gap.stdoutTo()).isPositive();
        });
        assertThat(records.getLast()).isInstanceOf(TimelineRecord.Exit.class);
        try (FeedSubscription feed = test.engine().feed(new Cursor(Cursor.FEED, 0))) {
            assertThat(feed.next(TestEngine.LONG).event()).isEqualTo("created");
            assertThat(feed.next(TestEngine.LONG).event()).isEqualTo("starting");
        }
    }

    @Test
    void anExecIsAdoptedWithItsContainer() throws Exception {
        Container container = test.start("hold");
        Exec exec = container.exec(TestEngine.newExec("worker", "hold"));
        test.machine().exec(container.id(), "worker").out("one ");
        test.shutDown();
        test.machine().exec(container.id(), "worker").out("two");
        test.startUp();
        Exec after = test.again(container).exec("worker");
        assertThat(after.status().state()).isEqualTo(ContainerState.RUNNING);
        assertThat(after.request()).isEqualTo(exec.request());
        test.machine().exec(container.id(), "worker").exit(6);
        List<TimelineRecord> records = TestEngine.records(after);
        assertThat(new String(TestEngine.bytes(records, StdStream.STDOUT), StandardCharsets.UTF_8))
                .isEqualTo("one two");
        assertThat(after.status().exit().exitCode()).isEqualTo(6);
    }

    @Test
    void aTimeOutGoesOnOverARestart() throws Exception {
        Container container = test.engine()
                .create(new Request("hold").timeout(Duration.ofHours(1)).build());
        container.start();
        test.shutDown();
        test.pass(Duration.ofHours(2));
        test.startUp();
        assertThat(TestEngine.awaitExit(test.again(container)).reason()).isEqualTo(ExitReason.TIMED_OUT);
    }

    @Test
    void aRuntimeThatCannotBeReachedIsNotTakenForALoss() throws Exception {
        Container container = test.start("hold");
        test.shutDown();
        test.machine().failNext(Call.RECOVER, Code.UNAVAILABLE);
        assertThatThrownBy(test::startUp).extracting("code").isEqualTo(ErrorCode.UNAVAILABLE);
        test.startUp();
        assertThat(test.again(container).status().state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void aContainerThatCannotBeAdoptedIsAProblemAndTriedAgain() {
        Container container = test.start("hold");
        test.shutDown();
        test.machine().failNext(Call.RECOVER, Code.INTERNAL);
        test.startUp();
        assertThat(test.engine().problems()).singleElement().asString().contains(container.id());
        assertThatThrownBy(() -> test.again(container).stop(null))
                .extracting("code")
                .isEqualTo(ErrorCode.UNAVAILABLE);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> test.engine().problems().isEmpty());
        test.again(container).stop(null);
        assertThat(test.again(container).status().exit().reason()).isEqualTo(ExitReason.STOPPED);
    }

    @Test
    void aDataDirectoryIsUsedByOneServer() {
        assertThatThrownBy(() -> Engine.open(test.engine().config(), test.runtime()))
                .hasMessageContaining("data directory")
                .extracting("code")
                .isEqualTo(ErrorCode.FAILED_PRECONDITION);
    }

    @Test
    void anExecWhoseMakingWasCutShortDoesNotConcernItsContainer() throws Exception {
        Container container = test.start("hold");
        test.shutDown();
        Path cut = directory.resolve("data/containers/" + container.id() + "/execs/cut");
        Files.createDirectories(cut);
        test.startUp();
        assertThat(test.engine().problems()).isEmpty();
        Container after = test.again(container);
        assertThat(after.status().state()).isEqualTo(ContainerState.RUNNING);
        assertThat(after.execs()).isEmpty();
        assertThat(cut).doesNotExist();
    }

    @Test
    void aDeletionThatWasCutShortIsCompleted() throws Exception {
        test.shutDown();
        Path left = directory.resolve("data/deleted/left/timeline");
        Files.createDirectories(left);
        Files.writeString(left.resolve("00000000000000000001.segment"), "something");
        Files.createDirectories(directory.resolve("data/containers/" + "a".repeat(64)));
        test.startUp();
        assertThat(test.engine().problems()).isEmpty();
        assertThat(test.engine().containers(true)).isEmpty();
        assertThat(directory.resolve("data/deleted")).isEmptyDirectory();
        assertThat(directory.resolve("data/containers")).isEmptyDirectory();
    }
}
