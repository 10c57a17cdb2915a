package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.log.SimulatedDisk;
import io.tailrace.log.SimulatedDisk.Fault;
import io.tailrace.runtime.conformance.ScriptedRuntime;
import java.nio.file.Path;
import java.time.Duration;
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
}
