package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.delivery.CountedLines;
import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.LineCheck;
import io.tailrace.delivery.Promise;
import io.tailrace.delivery.SmallDisk;
import io.tailrace.log.ExitReason;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.conformance.Scripts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a container whose output has no room, as it was asked for. */
@DeliveryTest
@Timeout(180)
class OnFullDiskTest {
    private static final int DISK_MIB = 32;

    @TempDir
    Path directory;

    private SmallDisk disk;

    @BeforeEach
    void mount() throws Exception {
        disk = SmallDisk.mount(directory.resolve("disk"), DISK_MIB);
    }

    @AfterEach
    void unmount() throws Exception {
        disk.close();
    }

    private static Container start(TestEngine test, OnFullDisk policy, String... command) {
        Container container =
                test.engine().create(new Request(command).onFullDisk(policy).build());
        container.start();
        return container;
    }

    @Test
    @Promise({1, 5})
    void aContainerThatWaitedForTheDiskStaysStuckOrLosesOutput(Ledger ledger) throws Exception {
        CountedLines lines = new CountedLines("line", 200);
        int count = ledger.isLong() ? 100_000 : 40_000;
        try (TestEngine test = TestEngine.openWithFifos(disk.root())) {
            AtomicInteger written = writesLines(test, lines, count, new CountDownLatch(0));
            disk.take((DISK_MIB - 2) << 20);
            Container again = start(test, OnFullDisk.WAIT, "lines");
            long recorded = 0;
            for (int round = 0; round < 3; round++) {
                ledger.attempt();
                Container current = again;
                long before = recorded;
                await().atMost(TestEngine.LONG)
                        .until(() -> current.process().streamLength(StdStream.STDOUT) > before
                                && !current.process().problem().isEmpty());
                assertThat(current.process().problem()).contains("its output waits", "no space left on device");
                assertThat(current.status().state()).isEqualTo(ContainerState.RUNNING);
                if (round == 1) {
                    test.restart(); // all of it is there for the next server, too
                    again = test.again(current);
                }
                recorded = again.process().streamLength(StdStream.STDOUT);
                assertThat(TestEngine.bytes(recordedNow(again), StdStream.STDOUT))
                        .hasSize((int) recorded);
                assertThat(written.get()).isLessThan(count);
                disk.give(1 << 20);
            }
            disk.free();
            TestEngine.awaitExit(again);
            List<TimelineRecord> records = TestEngine.records(again.process());
            LineCheck check = lines.check();
            outputs(records, StdStream.STDOUT).forEach(output -> check.accept(output.data()));
            check.expect(count);
            ledger.add(check);
            assertThat(exitOf(records).stdoutCrc32()).isEqualTo(lines.crc32(count));
            assertThat(records).noneMatch(record -> record instanceof TimelineRecord.Gap);
            assertThat(test.engine().problems()).isEmpty();
        }
    }

    @Test
    @Promise({6})
    void aContainerThatDropsIsHeldUpOrBytesVanishWithoutAGap(Ledger ledger) throws Exception {
        CountedLines lines = new CountedLines("line", 200);
        int count = ledger.isLong() ? 400_000 : 100_000;
        try (TestEngine test = TestEngine.openWithFifos(disk.root())) {
            CountDownLatch mayEnd = new CountDownLatch(1);
            AtomicInteger written = writesLines(test, lines, count, mayEnd);
            disk.take((DISK_MIB - 3) << 20);
            Container container = start(test, OnFullDisk.DROP, "lines");
            await().atMost(TestEngine.LONG)
                    .until(() -> container.process().problem().contains("is dropped"));
            ledger.attempt();
            await().atMost(TestEngine.LONG).until(() -> written.get() == count);
            assertThat(test.engine().problems()).singleElement().asString().contains(container.id(), "is dropped");
            disk.free();
            mayEnd.countDown();
            TestEngine.awaitExit(container);
            List<TimelineRecord> records = TestEngine.records(container.process());
            checkPieces(ledger, records, wholeOf(lines, count));
            assertThat(test.engine().problems()).isEmpty();
            container.remove(false);
        }
    }

    @Test
    @Promise({4, 6})
    void theEndIsMissingOnADiskThatStaysFull(Ledger ledger) throws Exception {
        try (TestEngine test = TestEngine.openWithFifos(disk.root())) {
            for (OnFullDisk policy : OnFullDisk.values()) {
                ledger.attempt();
                CountDownLatch isFull = new CountDownLatch(1);
                byte[] after = Scripts.pattern(3_000_000);
                test.machine().script("late", process -> {
                    process.out("before;");
                    isFull.await();
                    process.err("and this");
                    process.out(after);
                    return 3;
                });
                Container container = start(test, policy, "late");
                await().atMost(TestEngine.LONG).until(() -> container.process().streamLength(StdStream.STDOUT) == 7);
                disk.fill();
                isFull.countDown();
                if (policy == OnFullDisk.WAIT) {
                    await().atMost(TestEngine.LONG)
                            .until(() -> !container.process().problem().isEmpty());
                    // Who removes it by force does not wait for room.
                    container.remove(true);
                    assertThat(container.status().state()).isEqualTo(ContainerState.REMOVED);
                } else {
                    TimelineRecord.Exit exit = TestEngine.awaitExit(container);
                    assertThat(exit.exitCode()).isEqualTo(3);
                    assertThat(exit.stdoutLength()).isEqualTo(7L + after.length);
                    assertThat(exit.stderrLength()).isEqualTo(8);
                    container.remove(false);
                }
                List<TimelineRecord> records = TestEngine.records(container.process());
                assertThat(records)
                        .anyMatch(record -> record instanceof TimelineRecord.Gap gap
                                && gap.reason().equals("dropped")
                                && gap.stdoutTo() > gap.stdoutFrom());
                checkCrc(records);
                assertThat(test.engine().problems()).isEmpty();
                disk.free();
                ledger.bytes(TestEngine.bytes(records, StdStream.STDOUT).length);
                test.pass(Duration.ofHours(1));
                test.engine().sweep();
            }
        }
    }

    @Test
    @Promise({5, 6})
    void aRestartForgetsTheSettingOrWhatWasDropped(Ledger ledger) throws Exception {
        try (TestEngine test = TestEngine.openWithFifos(disk.root())) {
            ledger.attempt();
            CountedLines lines = new CountedLines("line", 200);
            int count = 1_000_000; // it ends by being stopped
            AtomicInteger written = writesLines(test, lines, count, new CountDownLatch(0));
            disk.take((DISK_MIB - 2) << 20);
            Container container = start(test, OnFullDisk.DROP, "lines");
            await().atMost(TestEngine.LONG)
                    .until(() -> !container.process().problem().isEmpty());
            test.restart();
            int before = written.get();
            await().atMost(TestEngine.LONG).until(() -> written.get() > before + 20_000);
            Container again = test.again(container);
            assertThat(again.process().problem()).contains("is dropped");
            again.stop(Duration.ZERO);
            List<TimelineRecord> records = TestEngine.records(again.process());
            checkPieces(ledger, records, wholeOf(lines, written.get() + 1));
            assertThat(exitOf(records).reason()).isEqualTo(ExitReason.STOPPED);
        }
    }

    @Test
    @Promise({4})
    void aContainerIsBegunWhoseEndCannotBeRecorded(Ledger ledger) throws Exception {
        ledger.attempt();
        try (TestEngine test = TestEngine.openWithFifos(disk.root())) {
            Container container = test.create("echo", "hello");
            disk.fill();
            assertThatThrownBy(() -> test.create("true"))
                    .isInstanceOf(EngineException.class)
                    .extracting("code")
                    .isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
            container.remove(false);
            assertThat(container.status().state()).isEqualTo(ContainerState.REMOVED);
            disk.free();
        }
    }

    /** A process that writes lines, and ends when it may. */
    private static AtomicInteger writesLines(TestEngine test, CountedLines lines, int count, CountDownLatch mayEnd) {
        AtomicInteger written = new AtomicInteger();
        test.machine().script("lines", process -> {
            for (int number = 1; number <= count; number++) {
                process.out(lines.line(number).getBytes(StandardCharsets.US_ASCII));
                written.set(number);
            }
            mayEnd.await();
            return 0;
        });
        return written;
    }

    private static byte[] wholeOf(CountedLines lines, int count) {
        StringBuilder whole = new StringBuilder();
        for (int number = 1; number <= count; number++) {
            whole.append(lines.line(number));
        }
        return whole.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** Each byte is where it was written, or within a Gap. */
    private static void checkPieces(Ledger ledger, List<TimelineRecord> records, byte[] written) {
        long offset = 0;
        long dropped = 0;
        for (TimelineRecord record : records) {
            if (record instanceof TimelineRecord.Output output) {
                assertThat(output.offset()).isEqualTo(offset);
                byte[] data = new byte[output.data().remaining()];
                output.data().duplicate().get(data);
                assertThat(data)
                        .as("at %d", offset)
                        .isEqualTo(java.util.Arrays.copyOfRange(written, (int) offset, (int) offset + data.length));
                offset += data.length;
                ledger.bytes(data.length);
            } else if (record instanceof TimelineRecord.Gap gap) {
                assertThat(gap.reason()).isEqualTo("dropped");
                assertThat(gap.stdoutFrom()).isEqualTo(offset);
                dropped += gap.stdoutTo() - gap.stdoutFrom();
                offset = gap.stdoutTo();
            }
        }
        assertThat(dropped).isPositive();
        assertThat(exitOf(records).stdoutLength()).isEqualTo(offset);
        ledger.note(dropped + " bytes in Gaps");
        checkCrc(records);
    }

    private static void checkCrc(List<TimelineRecord> records) {
        CRC32 crc = new CRC32();
        crc.update(TestEngine.bytes(records, StdStream.STDOUT));
        assertThat(exitOf(records).stdoutCrc32()).isEqualTo(crc.getValue());
    }

    private static TimelineRecord.Exit exitOf(List<TimelineRecord> records) {
        return records.stream()
                .filter(record -> record instanceof TimelineRecord.Exit)
                .map(TimelineRecord.Exit.class::cast)
                .findFirst()
                .orElseThrow();
    }

    private static List<TimelineRecord.Output> outputs(List<TimelineRecord> records, StdStream stream) {
        return records.stream()
                .filter(record -> record instanceof TimelineRecord.Output output && output.stream() == stream)
                .map(TimelineRecord.Output.class::cast)
                .toList();
    }

    private static List<TimelineRecord> recordedNow(Container container) throws InterruptedException {
        SubscriptionRequest request = new SubscriptionRequest(
                new SubscriptionRequest.From.Start(),
                java.util.Set.of(),
                java.util.Set.of(),
                SubscriptionRequest.End.NOW);
        try (Subscription subscription = container.process().subscribe(request)) {
            return TestEngine.drain(subscription);
        }
    }
}
