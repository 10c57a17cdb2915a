package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.engine.SubscriptionRequest.End;
import io.tailrace.engine.SubscriptionRequest.From;
import io.tailrace.engine.SubscriptionRequest.Kind;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.conformance.Scripts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SubscriptionTest {
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

    private static SubscriptionRequest from(From from, End end, Kind... kinds) {
        return new SubscriptionRequest(from, Set.of(kinds), Set.of(), end);
    }

    @Test
    void everySubscriberSeesTheSameHoweverLateItComes() throws Exception {
        int count = 3_000_001;
        Container container = test.create("print", Integer.toString(count));
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<TimelineRecord>>> early = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                early.add(executor.submit(() -> TestEngine.records(container.process())));
            }
            container.start();
            TestEngine.awaitExit(container);
            List<TimelineRecord> late = TestEngine.records(container.process());
            assertThat(TestEngine.bytes(late, StdStream.STDOUT)).isEqualTo(Scripts.pattern(count));
            for (Future<List<TimelineRecord>> reader : early) {
                assertThat(reader.get()).isEqualTo(late);
            }
        }
    }

    @Test
    void theExitProvesThatNothingIsMissing() throws Exception {
        Container container = test.run("both", "to out", "to err", "0");
        List<TimelineRecord> records = TestEngine.records(container.process());
        TimelineRecord.Exit exit = (TimelineRecord.Exit) records.getLast();
        byte[] out = TestEngine.bytes(records, StdStream.STDOUT);
        CRC32 crc = new CRC32();
        crc.update(out);
        assertThat(exit.stdoutLength()).isEqualTo(out.length);
        assertThat(exit.stdoutCrc32()).isEqualTo(crc.getValue());
        assertThat(exit.stderrLength()).isEqualTo(6);
        for (int i = 0; i < records.size(); i++) {
            assertThat(records.get(i).sequence()).isEqualTo(i + 1L);
        }
    }

    @Test
    void aReaderResumesBehindItsCursor() throws Exception {
        Container container = test.run("print", "200000");
        List<TimelineRecord> all = TestEngine.records(container.process());
        Cursor cursor;
        try (Subscription first = container.process().subscribe(SubscriptionRequest.fromStart())) {
            assertThat(first.next(TestEngine.LONG)).isEqualTo(all.get(0));
            first.next(TestEngine.LONG);
            cursor = Cursor.parse(first.cursor().text());
        }
        try (Subscription second = container.process().subscribe(from(new From.After(cursor), End.EXIT))) {
            assertThat(TestEngine.drain(second)).isEqualTo(all.subList(2, all.size()));
        }
        Cursor end = new Cursor(container.id(), all.size());
        try (Subscription third = container.process().subscribe(from(new From.After(end), End.EXIT))) {
            assertThat(third.isEnded()).isTrue();
            assertThat(third.next(Duration.ZERO)).isNull();
        }
    }

    @Test
    void aCursorThatIsNotOfThisTimelineIsRefused() throws Exception {
        Container container = test.run("true");
        Container other = test.run("true");
        for (Cursor cursor :
                List.of(new Cursor(other.id(), 1), new Cursor(container.id(), 1000), new Cursor(Cursor.FEED, 1))) {
            assertThatThrownBy(() -> container.process().subscribe(from(new From.After(cursor), End.EXIT)))
                    .extracting("code")
                    .isEqualTo(ErrorCode.INVALID_CURSOR);
        }
    }

    @Test
    void anOffsetBeginsExactlyThere() throws Exception {
        Container container = test.run("print", "300000");
        byte[] expected = Scripts.pattern(300_000);
        for (int offset : new int[] {0, 1, 65_535, 65_536, 100_001, 299_999, 300_000}) {
            try (Subscription reader =
                    container.process().subscribe(from(new From.Offset(StdStream.STDOUT, offset), End.EXIT))) {
                List<TimelineRecord> records = TestEngine.drain(reader);
                assertThat(TestEngine.bytes(records, StdStream.STDOUT))
                        .isEqualTo(Arrays.copyOfRange(expected, offset, expected.length));
                records.stream()
                        .filter(TimelineRecord.Output.class::isInstance)
                        .map(TimelineRecord.Output.class::cast)
                        .findFirst()
                        .ifPresent(first -> assertThat(first.offset()).isEqualTo(offset));
            }
        }
        assertThatThrownBy(() ->
                        container.process().subscribe(from(new From.Offset(StdStream.STDOUT, 300_001), End.EXIT)))
                .hasMessageContaining("offset: 300001 (expected: 0 to 300000)");
    }

    @Test
    void theLastRecordsAreThoseThatMatch() throws Exception {
        Container container = test.start("hold");
        for (int i = 1; i <= 100; i++) {
            test.process(container).out("line\n");
            test.process(container).err("noise\n");
            long lines = i;
            await().pollInterval(Duration.ofMillis(1))
                    .until(() -> container.process().streamLength(StdStream.STDOUT) == lines * 5
                            && container.process().streamLength(StdStream.STDERR) == lines * 6);
        }
        container.stop(null);
        SubscriptionRequest request =
                new SubscriptionRequest(new From.Last(3), Set.of(Kind.OUTPUT), Set.of(StdStream.STDOUT), End.EXIT);
        List<TimelineRecord> all = TestEngine.records(container.process());
        try (Subscription reader = container.process().subscribe(request)) {
            List<TimelineRecord> last = TestEngine.drain(reader);
            assertThat(last).hasSize(4);
            assertThat(last.getLast()).isInstanceOf(TimelineRecord.Exit.class);
            assertThat(TestEngine.bytes(last, StdStream.STDERR)).isEmpty();
            assertThat(TestEngine.bytes(last, StdStream.STDOUT)).hasSize(15);
        }
        try (Subscription reader = container.process().subscribe(from(new From.Last(1_000_000), End.NOW))) {
            assertThat(TestEngine.drain(reader)).isEqualTo(all);
        }
    }

    @Test
    void aSubscriptionToNowEndsWithWhatThereIs() throws Exception {
        Container container = test.start("hold");
        try (Subscription now = container.process().subscribe(from(new From.Start(), End.NOW))) {
            assertThat(TestEngine.states(TestEngine.drain(now))).containsExactly("created", "starting", "running");
        }
        try (Subscription fresh = container.process().subscribe(from(new From.Now(), End.EXIT))) {
            assertThat(fresh.next(Duration.ofMillis(20))).isNull();
            assertThat(fresh.isEnded()).isFalse();
            test.process(container).out("news");
            assertThat(fresh.next(TestEngine.LONG)).isInstanceOf(TimelineRecord.Output.class);
        }
    }

    @Test
    void whatTheEngineKeepsForItselfIsNotDelivered() throws Exception {
        Container container = test.engine()
                .create(new Request("true").environment(Map.of("SECRET", "xyz")).build());
        try (Subscription reader = container.process().subscribe(from(new From.Start(), End.NOW))) {
            TimelineRecord.State created = (TimelineRecord.State) reader.poll();
            assertThat(created.attributes())
                    .containsKeys("name", "image", "imageId")
                    .doesNotContainKeys("spec", "handle");
            assertThat(created.toString()).doesNotContain("xyz");
        }
    }

    @Test
    void aSubscriberThatStopsReadingDelaysNobody() throws Exception {
        Container container = test.create("print", "20000000");
        try (Subscription stuck = container.process().subscribe(SubscriptionRequest.fromStart())) {
            stuck.next(TestEngine.LONG);
            container.start();
            assertThat(TestEngine.awaitExit(container).stdoutLength()).isEqualTo(20_000_000);
            assertThat(TestEngine.bytes(TestEngine.records(container.process()), StdStream.STDOUT))
                    .hasSize(20_000_000);
            assertThat(TestEngine.bytes(TestEngine.drain(stuck), StdStream.STDOUT))
                    .hasSize(20_000_000);
        }
    }

    @Test
    void aReaderOfAContainerThatNeverRanEndsWithItsRemoval() throws Exception {
        Container container = test.create("true");
        try (Subscription reader = container.process().subscribe(SubscriptionRequest.fromStart())) {
            container.remove(false);
            assertThat(TestEngine.states(TestEngine.drain(reader))).containsExactly("created", "removed");
        }
    }

    @Test
    void closingWakesAWaitingReader() throws Exception {
        Container container = test.start("hold");
        Subscription reader = container.process().subscribe(from(new From.Now(), End.NEVER));
        Thread waiting = Thread.startVirtualThread(() -> {
            try {
                reader.next(Duration.ofHours(1));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        await().until(() ->
                waiting.getState() == Thread.State.TIMED_WAITING || waiting.getState() == Thread.State.WAITING);
        reader.close();
        assertThat(waiting.join(TestEngine.LONG)).isTrue();
        assertThat(reader.isEnded()).isTrue();
    }
}
