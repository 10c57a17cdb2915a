package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import io.tailrace.delivery.SmallDisk;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.conformance.ScriptedMachine.Call;
import io.tailrace.runtime.conformance.ScriptedProcess;
import io.tailrace.runtime.conformance.Scripts;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was dropped of a process that then says nothing more. */
@DeliveryTest
@Timeout(180)
class DroppedGapTest {
    private static final String DROPPED = "its output is dropped";
    private static final String WAITS = "its output waits";

    @TempDir
    Path directory;

    private final BlockingQueue<byte[]> toWrite = new LinkedBlockingQueue<>();
    private SmallDisk disk;

    @BeforeEach
    void mount() throws Exception {
        disk = SmallDisk.mount(directory.resolve("disk"), 8);
    }

    @AfterEach
    void unmount() throws Exception {
        disk.close();
    }

    /** Writes what it is told, and says nothing while it is told nothing. */
    private int write(ScriptedProcess process) throws IOException, InterruptedException {
        for (byte[] next = toWrite.take(); next.length > 0; next = toWrite.take()) {
            process.out(next);
        }
        return 0;
    }

    private Container startOnFullDisk(TestEngine test, OnFullDisk policy) {
        test.machine().script("told", this::write);
        Container container =
                test.engine().create(new Request("told").onFullDisk(policy).build());
        container.start();
        toWrite.add(Scripts.pattern(10));
        await().atMost(TestEngine.LONG).until(() -> container.process().streamLength(StdStream.STDOUT) == 10);
        disk.fill();
        return container;
    }

    private void write(int bytes) {
        toWrite.add(Scripts.pattern(bytes));
    }

    private static void awaitProblem(Container container, String problem) {
        await().atMost(TestEngine.LONG)
                .until(() -> container.process().problem().contains(problem));
    }

    /** Waits for the Gap, while the container lives. */
    private static TimelineRecord.Gap awaitGap(Container container) throws InterruptedException {
        try (Subscription follower = container.process().subscribe(SubscriptionRequest.fromStart())) {
            while (true) {
                TimelineRecord record = follower.next(TestEngine.LONG);
                if (record instanceof TimelineRecord.Gap gap) {
                    return gap;
                }
                assertThat(record).as("a record before the time is up").isNotNull();
            }
        }
    }

    @Test
    @Promise({6})
    void whatASilentContainerLostIsToldOnlyWhenItSaysMore(Ledger ledger) throws Exception {
        for (boolean hasFifos : List.of(true, false)) {
            Path root = disk.root().resolve("fifos" + hasFifos);
            try (TestEngine test = hasFifos ? TestEngine.openWithFifos(root) : TestEngine.open(root)) {
                ledger.attempt();
                Container container = startOnFullDisk(test, OnFullDisk.DROP);
                write(300_000);
                awaitProblem(container, DROPPED);
                await().atMost(TestEngine.LONG).until(toWrite::isEmpty);
                disk.free();
                TimelineRecord.Gap gap = awaitGap(container);
                assertThat(gap.reason()).isEqualTo("dropped");
                assertThat(gap.stdoutTo()).isEqualTo(300_010);
                await().atMost(TestEngine.LONG)
                        .until(() -> test.engine().problems().isEmpty());
                assertThat(container.status().state()).isEqualTo(ContainerState.RUNNING);
                ledger.bytes(10);
            }
        }
    }

    @Test
    @Promise({1, 6})
    void aContainerThatCouldNotBeRemovedByForceGoesOnLosingOutputOrDoesNotSayWhatIsWrong(Ledger ledger)
            throws Exception {
        try (TestEngine test = TestEngine.openWithFifos(disk.root())) {
            ledger.attempt();
            Container container = startOnFullDisk(test, OnFullDisk.WAIT);
            write(100_000);
            awaitProblem(container, WAITS);
            test.machine().beforeNext(Call.SIGNAL, () -> {
                awaitProblem(container, DROPPED);
                throw new ContainerRuntimeException(Code.INTERNAL, "as scripted");
            });
            assertThatThrownBy(() -> container.remove(true)).hasMessageContaining("as scripted");
            write(50_000);
            awaitProblem(container, WAITS);
            assertThat(container.process().problem()).contains(DROPPED);
            assertThat(test.engine().problems()).hasSize(1);
            disk.free();
            TimelineRecord.Gap gap = awaitGap(container);
            assertThat(gap.stdoutTo() - gap.stdoutFrom()).isBetween(1L, 100_000L);
            await().atMost(TestEngine.LONG)
                    .until(() -> test.engine().problems().isEmpty()
                            && container.process().streamLength(StdStream.STDOUT) == 150_010);
            write(0);
            TestEngine.awaitExit(container);
            byte[] recorded = TestEngine.bytes(TestEngine.records(container.process()), StdStream.STDOUT);
            assertThat(recorded).hasSize((int) (150_010 - (gap.stdoutTo() - gap.stdoutFrom())));
            assertThat(recorded).endsWith(Scripts.pattern(50_000));
            ledger.bytes(recorded.length);
        }
    }
}
