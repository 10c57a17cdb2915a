package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.log.SimulatedDisk;
import io.tailrace.log.SimulatedDisk.Fault;
import io.tailrace.log.StdStream;
import io.tailrace.log.Timeline;
import io.tailrace.log.TimelineConfig;
import io.tailrace.runtime.conformance.ScriptedMachine.Call;
import io.tailrace.runtime.conformance.ScriptedRuntime;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What simulations found out about disks that fail for a while. */
@Timeout(60)
class FailingDiskTest {
    @TempDir
    Path directory;

    private final SimulatedTime time = new SimulatedTime();
    private SimulatedDisk disk;
    private ScriptedRuntime runtime;
    private Engine engine;
    private int server;

    @BeforeEach
    void open() throws Exception {
        disk = SimulatedDisk.make(directory.toRealPath(), 1);
        runtime = ScriptedRuntime.open();
        start();
    }

    @AfterEach
    void close() {
        disk.fail(Fault.NONE);
        engine.close();
        runtime.machine().containerIds().forEach(runtime.machine()::lose);
        disk.close();
    }

    private void start() throws Exception {
        Path data = disk.directoryOfServer(++server, () -> {});
        engine = Engine.open(EngineConfig.defaults(data), runtime, time.ofServer());
    }

    private Container running() {
        Container container = engine.create(TestEngine.request("hold"));
        container.start();
        return container;
    }

    @Test
    void aPauseThatCannotBeRecordedDoesNotLeaveTheContainerFrozen() {
        Container container = running();
        disk.failAlways(Fault.FAILING);
        assertThatThrownBy(container::pause).isInstanceOf(EngineException.class);
        assertThat(container.status().state()).isEqualTo(ContainerState.RUNNING);
        disk.fail(Fault.NONE);
        container.pause();
        disk.failAlways(Fault.FAILING);
        assertThatThrownBy(container::resume).isInstanceOf(EngineException.class);
        disk.fail(Fault.NONE);
        container.resume();
        assertThat(container.status().state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void anErrorOfTheServerEndsACaptureInSilence() throws Exception {
        Container container = running();
        disk.failAlways(Fault.ERROR);
        runtime.machine().process(container.id()).out("one");
        await().until(() -> container.process().problem().contains("StackOverflowError"));
        disk.fail(Fault.NONE);
        time.pass(Duration.ofMinutes(1));
        await().until(() -> engine.problems().isEmpty());
        runtime.machine().process(container.id()).out("two");
        await().until(() -> container.process().streamLength(StdStream.STDOUT) == 6);
        disk.failAlways(Fault.ERROR);
        runtime.machine().process(container.id()).kill(9);
        await().until(() -> container.process().problem().contains("StackOverflowError"));
        disk.fail(Fault.NONE);
        time.pass(Duration.ofMinutes(1));
        assertThat(TestEngine.awaitExit(container).stdoutLength()).isEqualTo(6);
        assertThat(TestEngine.text(container.process(), StdStream.STDOUT)).isEqualTo("onetwo");
    }

    @Test
    void oneTimelineThatCannotBeClosedInOrderKeepsNoOtherOpen() {
        running();
        running();
        disk.failAlways(Fault.FAILING);
        assertThatThrownBy(() -> engine.create(TestEngine.request("hold"))).isInstanceOf(EngineException.class);
        assertThatThrownBy(() -> engine.containers(false).getFirst().pause()).isInstanceOf(EngineException.class);
        assertThatThrownBy(() -> engine.containers(false).getLast().pause()).isInstanceOf(EngineException.class);
        engine.close();
        assertThat(disk.openFileNames(server)).isEmpty();
    }

    @Test
    void aTimelineThatCannotBeReadAtTheStartIsOpenedLaterAndItsFeedNumbersAreNotGivenAgain() throws Exception {
        Container container = running();
        engine.close();
        disk.failAlways(Fault.FAILING);
        start();
        assertThat(engine.containers(true)).isEmpty();
        disk.fail(Fault.NONE);
        Container other = engine.create(TestEngine.request("hold"));
        try (FeedSubscription feed = engine.feed(new Cursor(Cursor.FEED, 3))) {
            FeedRecord next = feed.next(TestEngine.LONG);
            while (next.event().equals("gap")) {
                next = feed.next(TestEngine.LONG);
            }
            assertThat(next.containerId()).isEqualTo(other.id());
            assertThat(next.sequence()).isGreaterThan(3);
        }
        time.pass(Duration.ofMinutes(1));
        await().until(() -> engine.problems().isEmpty());
        assertThat(engine.container(container.id()).status().state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void anExecWhoseTimelineCannotBeOpenedAtTheStartIsOpenedAndAdoptedLater() throws Exception {
        Container container = running();
        Exec exec = container.exec(TestEngine.newExec("e1", "hold"));
        engine.close();
        Path timeline = directory
                .toRealPath()
                .resolve("data/containers/" + exec.timelineId().replace("/", "/execs/"));
        try (Timeline ignored = Timeline.open(timeline.resolve("timeline"), TimelineConfig.defaults())) {
            start();
            assertThat(engine.problems()).singleElement().asString().contains("cannot be opened");
        }
        time.pass(Duration.ofMinutes(1));
        await().until(() -> engine.problems().isEmpty());
        Exec again = engine.container(container.id()).exec("e1");
        assertThat(again.status().state()).isEqualTo(ContainerState.RUNNING);
        again.signal(Signal.KILL);
        await().until(() -> again.status().state().isDone());
    }

    @Test
    void anEndedExecThatTheRuntimeKeepsIsForgottenLaterAndIsNoProblemForEver() throws Exception {
        Container container = running();
        runtime.machine().failNext(Call.DELETE, ContainerRuntimeException.Code.INTERNAL);
        Exec exec = container.exec(TestEngine.newExec("e1", "true"));
        await().until(() -> exec.status().state().isDone());
        engine.close();
        runtime.machine().failNext(Call.DELETE, ContainerRuntimeException.Code.INTERNAL);
        start();
        assertThat(engine.problems()).singleElement().asString().contains("keeps an ended process");
        time.pass(Duration.ofMinutes(1));
        await().until(() -> engine.problems().isEmpty());
    }

    @Test
    void timeInWhichADiskTakesNothingIsKnownWhileItPassesAndCountsOnceForSeveralStreams() throws Exception {
        Problems problems = new Problems();
        Patience patience = new Patience(time.ofServer(), problems, "id");
        AtomicInteger tries = new AtomicInteger();
        AtomicBoolean isMended = new AtomicBoolean();
        Patience.Append<Boolean> append = () -> {
            tries.incrementAndGet();
            if (!isMended.get()) {
                throw new IOException("full");
            }
            return true;
        };
        List<Thread> streams = List.of(insisting(patience, append), insisting(patience, append));
        await().until(() -> tries.get() >= 2);
        await().until(() -> streams.stream().allMatch(stream -> stream.getState() == Thread.State.TIMED_WAITING));
        time.pass(Duration.ofSeconds(10));
        assertThat(patience.waitedNanos()).isEqualTo(Duration.ofSeconds(10).toNanos());
        isMended.set(true);
        await().until(() -> {
            time.pass(Duration.ofSeconds(1));
            return streams.stream().noneMatch(Thread::isAlive);
        });
        long waitedNanos = patience.waitedNanos();
        time.pass(Duration.ofSeconds(10));
        assertThat(patience.waitedNanos()).isEqualTo(waitedNanos);
    }

    private static Thread insisting(Patience patience, Patience.Append<Boolean> append) {
        return Thread.startVirtualThread(() -> {
            try {
                patience.insist(append);
            } catch (StoppedException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
