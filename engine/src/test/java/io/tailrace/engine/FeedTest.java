package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.log.TimelineRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FeedTest {
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

    private static List<FeedRecord> of(Container container, List<FeedRecord> records) {
        List<FeedRecord> own = records.stream()
                .filter(record -> record.containerId().equals(container.id()))
                .toList();
        assertThat(own).isNotEmpty();
        return own;
    }

    private static final Cursor BEGINNING = new Cursor(Cursor.FEED, 0);

    private List<FeedRecord> feed(Cursor after) throws InterruptedException {
        try (FeedSubscription feed = test.engine().feed(after)) {
            List<FeedRecord> records = new ArrayList<>();
            for (FeedRecord record = feed.next(Duration.ZERO); record != null; record = feed.next(Duration.ZERO)) {
                records.add(record);
            }
            return records;
        }
    }

    @Test
    void theFeedTellsTheLifeOfEveryContainerDensely() throws Exception {
        Container first = test.start("hold");
        Container second = test.run("exit", "2");
        first.pause();
        first.resume();
        first.exec(TestEngine.newExec("x", "hold"));
        first.stop(null);
        second.remove(false);
        TestEngine.records(first.exec("x"));
        List<FeedRecord> records = feed(BEGINNING);
        assertThat(records.stream().filter(record -> record.containerId().equals(second.id())))
                .extracting(FeedRecord::event)
                .containsExactly("created", "starting", "running", "draining", "exited", "removed");
        assertThat(records.stream()
                        .filter(record -> record.containerId().equals(first.id())
                                && record.execId().isEmpty()))
                .extracting(FeedRecord::event)
                .containsExactly("created", "starting", "running", "paused", "resumed", "draining", "exited");
        assertThat(records.stream().filter(record -> record.execId().equals("x")))
                .extracting(FeedRecord::event)
                .containsExactly("created", "starting", "running", "draining", "exited");
        for (int i = 0; i < records.size(); i++) {
            assertThat(records.get(i).sequence()).isEqualTo(i + 1L);
            assertThat(records.get(i).containerName()).isNotEmpty();
        }
        assertThat(records)
                .filteredOn(record -> record.event().equals("exited"))
                .allSatisfy(record -> assertThat(record.record()).isInstanceOf(TimelineRecord.Exit.class));
    }

    @Test
    void aReaderResumesBehindItsCursorAlsoAfterARestartOfTheServer() throws Exception {
        test.run("true");
        List<FeedRecord> before = feed(BEGINNING);
        test.restart();
        assertThat(feed(BEGINNING)).isEqualTo(before);
        Cursor middle = new Cursor(Cursor.FEED, before.get(2).sequence());
        test.run("true");
        List<FeedRecord> after = feed(Cursor.parse(middle.text()));
        assertThat(after.subList(0, before.size() - 3)).isEqualTo(before.subList(3, before.size()));
        assertThat(after).hasSize(before.size() - 3 + 5);
        for (int i = 0; i < after.size(); i++) {
            assertThat(after.get(i).sequence()).isEqualTo(4L + i);
        }
    }

    @Test
    void numbersAreNotGivenAgainWhenTheirTimelinesAreGone() throws Exception {
        Container container = test.run("true");
        container.remove(false);
        long last = feed(BEGINNING).getLast().sequence();
        test.pass(Duration.ofHours(1));
        test.engine().sweep();
        assertThat(test.engine().containers(true)).isEmpty();
        test.restart();
        test.create("true");
        List<FeedRecord> records = feed(new Cursor(Cursor.FEED, 2));
        assertThat(records.getFirst().record()).isInstanceOfSatisfying(TimelineRecord.Gap.class, gap -> {
            assertThat(gap.sequence()).isEqualTo(3);
            assertThat(gap.lastSequence()).isEqualTo(last);
        });
        assertThat(records.getLast().sequence()).isEqualTo(last + 1);
    }

    @Test
    void aReaderThatComesTooLateSeesAGap() throws Exception {
        for (int i = 0; i < 250; i++) {
            test.run("true").remove(false);
            test.pass(Duration.ofHours(1));
            test.engine().sweep();
        }
        List<FeedRecord> records = feed(new Cursor(Cursor.FEED, 1));
        assertThat(records.getFirst().event()).isEqualTo("gap");
        assertThat(records).hasSize(1001);
        assertThat(records.get(1).sequence()).isEqualTo(records.getFirst().sequence() + 1);
    }

    @Test
    void oneTimelineThatCannotBeOpenedTakesTheHistoryOfAllOthersOutOfTheFeed() throws Exception {
        Container damaged = test.start("hold");
        Container well = test.run("echo", "x");
        TestEngine.records(well.process());
        List<FeedRecord> before = feed(BEGINNING);
        test.shutDown();
        Path segment = directory.resolve("data/containers/%s/timeline/%020d.segment".formatted(damaged.id(), 1));
        byte[] bytes = Files.readAllBytes(segment);
        bytes[20] ^= 1;
        Files.write(segment, bytes);
        for (int i = 0; i < 2; i++) {
            test.startUp();
            assertThat(feed(BEGINNING)).containsAll(of(well, before));
            long last = feed(BEGINNING).getLast().sequence();
            Container next = test.run("echo", "next " + i);
            TestEngine.records(next.process());
            assertThat(feed(new Cursor(Cursor.FEED, last)))
                    .extracting(FeedRecord::containerId)
                    .containsOnly(next.id());
            well = next;
            before = feed(BEGINNING);
            test.shutDown();
        }
        test.startUp();
    }

    @Test
    void readersOfABusyFeedAllSeeTheSame() throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<FeedRecord>>> readers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                FeedSubscription feed = test.engine().feed(null);
                readers.add(executor.submit(() -> {
                    List<FeedRecord> seen = new ArrayList<>();
                    while (seen.size() < 100) {
                        FeedRecord record = feed.next(TestEngine.LONG);
                        assertThat(record).isNotNull();
                        seen.add(record);
                    }
                    return seen;
                }));
            }
            List<Future<?>> runs = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                runs.add(executor.submit(() -> test.run("true")));
            }
            for (Future<?> run : runs) {
                run.get();
            }
            List<FeedRecord> expected = readers.getFirst().get();
            for (int i = 0; i < expected.size(); i++) {
                assertThat(expected.get(i).sequence()).isEqualTo(i + 1L);
            }
            for (Future<List<FeedRecord>> reader : readers) {
                assertThat(reader.get()).isEqualTo(expected);
            }
        }
    }

    @Test
    void aCursorBeyondTheEndIsRefused() {
        assertThatThrownBy(() -> test.engine().feed(new Cursor(Cursor.FEED, 1)))
                .extracting("code")
                .isEqualTo(ErrorCode.INVALID_CURSOR);
        assertThatThrownBy(() -> test.engine().feed(new Cursor("0".repeat(64), 0)))
                .extracting("code")
                .isEqualTo(ErrorCode.INVALID_CURSOR);
    }

    @Test
    void aNumberThatWasGivenUpLastIsNotShownBecauseARestartWouldGiveItAgain() throws Exception {
        Feed feed = new Feed(10);
        try (FeedSubscription reader = feed.subscribe(BEGINNING)) {
            long first = feed.reserve();
            long second = feed.reserve();
            feed.giveUp(first);
            feed.giveUp(second);
            assertThat(reader.next(Duration.ZERO)).isNull();
            assertThat(feed.reserve()).isEqualTo(first);
        }
    }
}
