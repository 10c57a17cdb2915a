package io.tailrace.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.engine.SubscriptionRequest.End;
import io.tailrace.engine.SubscriptionRequest.From;
import io.tailrace.engine.SubscriptionRequest.Kind;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reading a part of a timeline: the last lines, and what was recorded between two times. */
@Timeout(60)
class TimeRangeTest {
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

    private static SubscriptionRequest output(From from, End end, @Nullable Instant since, @Nullable Instant until) {
        return new SubscriptionRequest(from, Set.of(Kind.OUTPUT), Set.of(), end, since, until);
    }

    private static String text(ContainerProcess process, SubscriptionRequest request) throws InterruptedException {
        try (Subscription subscription = process.subscribe(request)) {
            StringBuilder text = new StringBuilder();
            for (TimelineRecord record : TestEngine.drain(subscription)) {
                if (record instanceof TimelineRecord.Output output) {
                    text.append(UTF_8.decode(output.data().duplicate()));
                }
            }
            return text.toString();
        }
    }

    private static String lastLines(ContainerProcess process, long lines, StdStream... streams)
            throws InterruptedException {
        return text(process, new SubscriptionRequest(new From.Lines(lines), Set.of(), Set.of(streams), End.NOW));
    }

    /** A container that says what is written to its stdin. */
    private Container echoing() {
        Container container =
                test.engine().create(new Request("cat").withStdin().build());
        container.start();
        return container;
    }

    /** Has it say something, and returns when that is recorded. */
    private static void say(Container container, String text) throws InterruptedException {
        ContainerProcess process = container.process();
        long length = process.streamLength(StdStream.STDOUT) + text.length();
        process.writeStdin(process.stdinOffset(), ByteBuffer.wrap(text.getBytes(UTF_8)));
        try (Subscription reader = process.subscribe(SubscriptionRequest.fromStart())) {
            while (process.streamLength(StdStream.STDOUT) < length) {
                reader.next(Duration.ofSeconds(1));
            }
        }
    }

    private List<Instant> threeMinutes(Container container) throws InterruptedException {
        say(container, "first\n");
        test.pass(Duration.ofMinutes(1));
        Instant second = test.now();
        say(container, "second\n");
        test.pass(Duration.ofMinutes(1));
        Instant third = test.now();
        say(container, "third\n");
        return List.of(second, third);
    }

    @Test
    void theLastLinesBeginExactlyWhereTheyBegin() throws Exception {
        Container container = echoing();
        say(container, "one\ntw");
        say(container, "o\nthree\nfo");
        ContainerProcess process = container.process();
        assertThat(lastLines(process, 1)).isEqualTo("fo");
        assertThat(lastLines(process, 2)).isEqualTo("three\nfo");
        assertThat(lastLines(process, 3)).isEqualTo("two\nthree\nfo");
        assertThat(lastLines(process, 4)).isEqualTo("one\ntwo\nthree\nfo");
        assertThat(lastLines(process, 4_000)).isEqualTo("one\ntwo\nthree\nfo");
        assertThat(lastLines(process, 0)).isEmpty();
        assertThat(lastLines(process, 2, StdStream.STDERR)).isEmpty();
        say(container, "ur\n");
        assertThat(lastLines(process, 1)).isEqualTo("four\n");
        assertThatThrownBy(() -> lastLines(process, -1)).hasMessageContaining("lines: -1 (expected: 0 to ");
    }

    @Test
    void theLastLinesOfOneStreamAreCountedWithoutTheOther() throws Exception {
        Container container = test.run("both", "a\nb\n", "x\ny\nz\n", "0");
        assertThat(lastLines(container.process(), 1, StdStream.STDOUT)).isEqualTo("b\n");
        assertThat(lastLines(container.process(), 2, StdStream.STDERR)).isEqualTo("y\nz\n");
        assertThat(lastLines(container.process(), 10)).hasSize(10);
    }

    @Test
    void afterTheLastLinesComesWhatFollowsUpToTheExit() throws Exception {
        Container container = echoing();
        say(container, "one\ntwo\n");
        try (Subscription reader = container
                .process()
                .subscribe(new SubscriptionRequest(new From.Lines(1), Set.of(), Set.of(), End.EXIT))) {
            TimelineRecord first = reader.next(TestEngine.LONG);
            assertThat(first).isInstanceOfSatisfying(TimelineRecord.Output.class, output -> {
                assertThat(UTF_8.decode(output.data().duplicate()).toString()).isEqualTo("two\n");
                assertThat(output.offset()).isEqualTo(4);
            });
            say(container, "three\n");
            container.process().closeStdin();
            List<TimelineRecord> rest = TestEngine.drain(reader);
            assertThat(new String(TestEngine.bytes(rest, StdStream.STDOUT), UTF_8))
                    .isEqualTo("three\n");
            assertThat(rest.getLast()).isInstanceOf(TimelineRecord.Exit.class);
        }
    }

    @Test
    void whatWasRecordedBeforeOrAfterATimeIsLeftOut() throws Exception {
        Container container = echoing();
        List<Instant> times = threeMinutes(container);
        ContainerProcess process = container.process();
        From start = new From.Start();
        assertThat(text(process, output(start, End.NOW, times.get(0), null))).isEqualTo("second\nthird\n");
        assertThat(text(process, output(start, End.NOW, null, times.get(0)))).isEqualTo("first\n");
        assertThat(text(process, output(start, End.NOW, times.get(0), times.get(1))))
                .isEqualTo("second\n");
        assertThat(text(process, output(start, End.NOW, Instant.MAX, null))).isEmpty();
        assertThat(text(process, output(start, End.NOW, Instant.MIN, Instant.MAX)))
                .isEqualTo("first\nsecond\nthird\n");
        assertThat(text(process, output(start, End.NOW, null, Instant.MIN))).isEmpty();
        assertThat(text(process, output(start, End.NOW, times.get(1), times.get(0))))
                .isEmpty();
    }

    @Test
    void theLastLinesAreCountedBackFromATimeAndLeaveOutWhatIsOlder() throws Exception {
        Container container = echoing();
        List<Instant> times = threeMinutes(container);
        ContainerProcess process = container.process();
        assertThat(text(process, output(new From.Lines(1), End.NOW, null, times.get(1))))
                .isEqualTo("second\n");
        assertThat(text(process, output(new From.Lines(2), End.NOW, times.get(1), null)))
                .isEqualTo("third\n");
        assertThat(text(process, output(new From.Lines(1), End.NOW, times.get(0), null)))
                .isEqualTo("third\n");
    }

    @Test
    void aFollowerThatIsToEndAtATimeEndsWithTheFirstRecordThatIsLater() throws Exception {
        Container container = echoing();
        List<Instant> times = threeMinutes(container);
        try (Subscription reader =
                container.process().subscribe(output(new From.Start(), End.EXIT, null, times.get(1)))) {
            List<TimelineRecord> records = TestEngine.drain(reader);
            assertThat(new String(TestEngine.bytes(records, StdStream.STDOUT), UTF_8))
                    .isEqualTo("first\nsecond\n");
            assertThat(reader.isPastUntil()).isTrue();
            assertThat(reader.cursor().sequence()).isEqualTo(records.getLast().sequence());
        }
    }

    @Test
    void aFollowerOfASilentContainerEndsWhenItsTimeIsOver() throws Exception {
        Container container = echoing();
        say(container, "first\n");
        Instant until = test.now().plus(Duration.ofHours(1));
        try (Subscription reader = container.process().subscribe(output(new From.Start(), End.EXIT, null, until))) {
            assertThat(reader.next(TestEngine.LONG)).isInstanceOf(TimelineRecord.Output.class);
            assertThat(reader.poll()).isNull();
            assertThat(reader.isEnded()).isFalse();
            test.pass(Duration.ofHours(1));
            assertThat(TestEngine.drain(reader)).isEmpty();
            assertThat(reader.isPastUntil()).isTrue();
        }
    }

    @Test
    void aTimeThatIsYetToComeLeavesOutWhatComesBefore() throws Exception {
        Container container = echoing();
        Instant since = test.now().plus(Duration.ofHours(1));
        try (Subscription reader = container.process().subscribe(output(new From.Start(), End.EXIT, since, null))) {
            say(container, "early\n");
            assertThat(reader.poll()).isNull();
            test.pass(Duration.ofHours(1));
            say(container, "late\n");
            container.process().closeStdin();
            assertThat(new String(TestEngine.bytes(TestEngine.drain(reader), StdStream.STDOUT), UTF_8))
                    .isEqualTo("late\n");
        }
    }

    @Test
    void linesAndTimesThatRetentionTookAreToldByAGap() throws Exception {
        test.close();
        test = TestEngine.open(directory.resolve("small"), config -> Configs.retaining(config, 256 << 10, 64 << 10));
        Container container = test.run("print", "3000000");
        for (SubscriptionRequest request : List.of(
                new SubscriptionRequest(new From.Lines(1_000_000), Set.of(), Set.of(), End.EXIT),
                output(new From.Start(), End.EXIT, Instant.EPOCH, null))) {
            try (Subscription reader = container.process().subscribe(request)) {
                assertThat(reader.next(TestEngine.LONG))
                        .isInstanceOfSatisfying(
                                TimelineRecord.Gap.class,
                                gap -> assertThat(gap.reason()).isEqualTo("retention"));
            }
        }
        try (Subscription reader = container
                .process()
                .subscribe(new SubscriptionRequest(new From.Lines(1), Set.of(), Set.of(), End.EXIT))) {
            assertThat(reader.next(TestEngine.LONG)).isInstanceOf(TimelineRecord.Output.class);
        }
    }
}
