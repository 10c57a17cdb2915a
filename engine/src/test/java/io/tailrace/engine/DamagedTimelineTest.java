package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A damaged timeline is its own container's trouble, and nobody else's. */
@DeliveryTest
@Timeout(120)
class DamagedTimelineTest {
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

    private List<Path> segments(Path timeline) throws IOException {
        try (var files = Files.list(timeline)) {
            return files.filter(file -> file.toString().endsWith(".segment"))
                    .sorted()
                    .toList();
        }
    }

    private Path timeline(Container container) {
        return directory.resolve("data/containers").resolve(container.id()).resolve("timeline");
    }

    private static void flip(Path file, long at) throws IOException {
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.seek(at);
            int before = opened.read();
            opened.seek(at);
            opened.write(before ^ 0x10);
        }
    }

    @Test
    @Promise({6, 8})
    void aTimelineWhoseBeginIsDamagedIsDeletedOrKeepsTheServerFromStarting(Ledger ledger) throws Exception {
        Container well = test.run("echo", "well");
        Container damaged = test.start("hold");
        test.shutDown();
        ledger.attempt();
        // Within the record that says what the container is: nothing before it is left.
        flip(segments(timeline(damaged)).getFirst(), 200);
        test.startUp();
        assertThat(TestEngine.text(test.again(well).process(), StdStream.STDOUT))
                .isEqualTo("well\n");
        ledger.bytes(5);
        assertThat(test.engine().problems())
                .singleElement()
                .asString()
                .contains(damaged.id(), "damaged", "00000000000000000001.segment");
        assertThat(timeline(damaged)).isDirectory();
        assertThat(test.machine().containerIds()).contains(damaged.id());
        Container next = test.run("echo", "next");
        assertThat(TestEngine.text(next.process(), StdStream.STDOUT)).isEqualTo("next\n");
    }

    @Test
    @Promise({6, 8})
    void aTimelineWhoseBeginIsDamagedIsKeptByTheServersAfterThatOneToo(Ledger ledger) throws Exception {
        Container header = test.start("hold");
        Container record = test.start("hold");
        test.shutDown();
        flip(segments(timeline(header)).getFirst(), 20);
        flip(segments(timeline(record)).getFirst(), 200);
        for (int i = 0; i < 3; i++) {
            ledger.attempt();
            test.startUp();
            assertThat(test.engine().problems())
                    .hasSize(2)
                    .allMatch(problem -> problem.contains("damaged"))
                    .anyMatch(problem -> problem.contains(header.id()))
                    .anyMatch(problem -> problem.contains(record.id()));
            assertThat(timeline(header)).isDirectory();
            assertThat(timeline(record)).isDirectory();
            assertThat(test.machine().containerIds()).contains(header.id(), record.id());
            test.shutDown();
        }
        test.startUp();
    }

    @Test
    @Promise({6})
    void aContainerWhoseNewestRecordsAreDamagedIsLost(Ledger ledger) throws Exception {
        test.machine().script("chatty", process -> {
            process.out("before;");
            process.hold();
            return 0;
        });
        Container container = test.start("chatty");
        await().atMost(TestEngine.LONG).until(() -> container.process().streamLength(StdStream.STDOUT) == 7);
        test.shutDown();
        ledger.attempt();
        Path newest = segments(timeline(container)).getLast();
        flip(newest, Files.size(newest) - 3);
        test.startUp();
        Container again = test.again(container);
        assertThat(again.status().state()).isEqualTo(ContainerState.RUNNING);
        again.stop(java.time.Duration.ZERO);
        List<TimelineRecord> records = TestEngine.records(again.process());
        assertThat(records)
                .filteredOn(record -> record instanceof TimelineRecord.Gap)
                .singleElement()
                .extracting("reason")
                .isEqualTo("damaged-at-least");
        assertThat(records.getLast()).isInstanceOf(TimelineRecord.Exit.class);
        ledger.bytes(TestEngine.bytes(records, StdStream.STDOUT).length);
    }

    @Test
    @Promise({6})
    void anExecWhoseTimelineIsDamagedTakesOthersWithIt(Ledger ledger) throws Exception {
        Container container = test.start("hold");
        container.exec(TestEngine.newExec("damaged", "echo", "one"));
        Exec well = container.exec(TestEngine.newExec("well", "echo", "two"));
        TestEngine.records(well);
        test.shutDown();
        ledger.attempt();
        Path execs =
                directory.resolve("data/containers").resolve(container.id()).resolve("execs");
        flip(segments(execs.resolve("damaged/timeline")).getFirst(), 200);
        test.startUp();
        Container again = test.again(container);
        assertThat(again.status().state()).isEqualTo(ContainerState.RUNNING);
        assertThat(TestEngine.text(again.exec("well"), StdStream.STDOUT)).isEqualTo("two\n");
        ledger.bytes(4);
        assertThat(test.engine().problems()).singleElement().asString().contains("/damaged", "cannot be opened");
    }
}
