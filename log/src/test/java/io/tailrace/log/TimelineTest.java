package io.tailrace.log;

import static io.tailrace.log.Records.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TimelineTest {
    private static final Duration WAIT = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    @Test
    void everyKindOfRecordComesBackAsItWasAppended() throws IOException {
        try (var timeline = Timeline.create(directory, TimelineConfig.defaults())) {
            assertThat(timeline.appendState("running", Map.of("b", "2", "ä", "ü"))
                            .sequence())
                    .isEqualTo(1);
            assertThat(timeline.appendOutput(StdStream.STDOUT, bytes("hello"))).isEqualTo(2);
            assertThat(timeline.appendOutput(StdStream.STDERR, bytes("oh"))).isEqualTo(3);
            assertThat(timeline.appendHealth("healthy", 3, 17, bytes("fine")).sequence())
                    .isEqualTo(4);
            assertThat(timeline.appendMessage("topic", bytes("data"))).isEqualTo(5);
            assertThat(timeline.appendGap("lost", StdStream.STDERR, 10)).isEqualTo(6);
            var exit = timeline.appendExit(ExitReason.SIGNALLED, 137, 9, "killed");
            assertThat(exit.stdoutLength()).isEqualTo(5);
            assertThat(exit.stdoutCrc32()).isEqualTo(Records.crc("hello".getBytes(UTF_8)));
            assertThat(exit.stderrLength()).isEqualTo(12);
            assertThat(exit.stderrCrc32()).isEqualTo(Records.crc("oh".getBytes(UTF_8)));

            var records = Records.all(timeline);
            assertThat(records).hasSize(7);
            assertThat(records).extracting(TimelineRecord::sequence).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
            assertThat(((TimelineRecord.State) records.get(0)).attributes()).isEqualTo(Map.of("b", "2", "ä", "ü"));
            assertThat(Records.text(records.get(1))).isEqualTo("hello");
            var health = (TimelineRecord.Health) records.get(3);
            assertThat(health.exitCode()).isEqualTo(3);
            assertThat(health.durationNanos()).isEqualTo(17);
            assertThat(health.output()).isEqualTo(bytes("fine"));
            assertThat(((TimelineRecord.Message) records.get(4)).data()).isEqualTo(bytes("data"));
            var gap = (TimelineRecord.Gap) records.get(5);
            assertThat(gap.stderrFrom()).isEqualTo(2);
            assertThat(gap.stderrTo()).isEqualTo(12);
            assertThat(gap.stdoutFrom()).isEqualTo(5);
            assertThat(gap.stdoutTo()).isEqualTo(5);
            assertThat(records.get(6)).isEqualTo(exit);
        }
    }

    @Test
    void aTimelineGoesOnWhereItWasWhenItIsOpenedAgain() throws IOException {
        try (var timeline = Timeline.create(directory, TimelineConfig.defaults())) {
            timeline.appendOutput(StdStream.STDOUT, bytes("one "));
            timeline.appendOutput(StdStream.STDERR, bytes("err"));
        }
        try (var timeline = Timeline.open(directory, TimelineConfig.defaults())) {
            assertThat(timeline.recovery()).isEqualTo(new Timeline.Recovery(0, 0, ""));
            assertThat(timeline.appendOutput(StdStream.STDOUT, bytes("two"))).isEqualTo(3);
            var exit = timeline.appendExit(ExitReason.EXITED, 0, 0, "");
            assertThat(exit.stdoutLength()).isEqualTo(7);
            assertThat(exit.stdoutCrc32()).isEqualTo(Records.crc("one two".getBytes(UTF_8)));
            assertThat(Records.output(Records.all(timeline), StdStream.STDOUT))
                    .asString()
                    .isEqualTo("one two");
        }
    }

    @Test
    void largeOutputIsCutIntoRecords() throws IOException {
        var data = new byte[3 * Timeline.OUTPUT_BYTES_MAX + 1];
        new java.util.Random(1).nextBytes(data);
        try (var timeline = Timeline.create(directory, TimelineConfig.defaults())) {
            var buffer = ByteBuffer.wrap(data);
            assertThat(timeline.appendOutput(StdStream.STDOUT, buffer)).isEqualTo(4);
            assertThat(buffer.hasRemaining()).isFalse();
            assertThat(Records.output(Records.all(timeline), StdStream.STDOUT)).isEqualTo(data);
        }
    }

    @Test
    void aReaderThatWaitsIsWokenByAnAppend() throws Exception {
        try (var timeline = Timeline.create(directory, TimelineConfig.defaults());
                var reader = timeline.read(1);
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var next = executor.submit(() -> reader.next(WAIT));
            timeline.appendOutput(StdStream.STDOUT, bytes("x"));
            assertThat(Records.text(next.get())).isEqualTo("x");
            assertThat(reader.position()).isEqualTo(2);
        }
    }

    @Test
    void aReaderThatWaitsIsWokenByItsCloseAndByThatOfTheTimeline() throws Exception {
        var timeline = Timeline.create(directory, TimelineConfig.defaults());
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = timeline.read(1);
            var second = timeline.read(1);
            var firstNext = executor.submit(() -> first.next(WAIT));
            var secondNext = executor.submit(() -> second.next(WAIT));
            first.close();
            assertThat(firstNext.get()).isNull();
            timeline.close();
            assertThat(secondNext.get()).isNull();
            assertThat(second.isClosed()).isTrue();
        }
    }

    @Test
    void whatIsThereCanStillBeReadAfterTheTimelineIsClosed() throws Exception {
        var timeline = Timeline.create(directory, TimelineConfig.defaults());
        timeline.appendOutput(StdStream.STDOUT, bytes("x"));
        timeline.close();
        try (var reader = timeline.read(1)) {
            assertThat(Records.text(reader.next(WAIT))).isEqualTo("x");
            assertThat(reader.next(WAIT)).isNull();
        }
        assertThatThrownBy(() -> timeline.appendOutput(StdStream.STDOUT, bytes("y")))
                .isInstanceOf(TimelineClosedException.class);
    }

    @Test
    void aReaderThatNothingComesForGetsNullWhenTheTimeIsUp() throws Exception {
        try (var timeline = Timeline.create(directory, TimelineConfig.defaults());
                var reader = timeline.read(1)) {
            assertThat(reader.next(Duration.ofMillis(20))).isNull();
            assertThat(reader.next(Duration.ZERO)).isNull();
        }
    }

    @Test
    void aReaderThatStartsBeyondTheEndWaitsForItsRecord() throws Exception {
        try (var timeline = Timeline.create(directory, TimelineConfig.defaults());
                var reader = timeline.read(3);
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var next = executor.submit(() -> reader.next(WAIT));
            timeline.appendOutput(StdStream.STDOUT, bytes("a"));
            timeline.appendOutput(StdStream.STDOUT, bytes("b"));
            timeline.appendOutput(StdStream.STDOUT, bytes("c"));
            assertThat(Records.text(next.get())).isEqualTo("c");
        }
    }

    @Test
    void anInterruptEndsAWaitAndBreaksNothing() throws Exception {
        try (var timeline = Timeline.create(directory, TimelineConfig.defaults());
                var reader = timeline.read(1)) {
            var thrown = new CompletableFuture<Throwable>();
            var thread = Thread.ofVirtual().start(() -> {
                try {
                    reader.next(WAIT);
                } catch (InterruptedException | IOException e) {
                    thrown.complete(e);
                }
            });
            thread.interrupt();
            assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
            Thread.currentThread().interrupt();
            timeline.appendOutput(StdStream.STDOUT, bytes("x"));
            assertThat(reader.poll()).isNotNull();
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void onlyOneWriterCanHaveATimeline() throws IOException {
        try (var timeline = Timeline.create(directory, TimelineConfig.defaults())) {
            assertThatThrownBy(() -> Timeline.open(directory, TimelineConfig.defaults()))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("is open");
            assertThat(timeline.lastSequence()).isZero();
        }
        Timeline.open(directory, TimelineConfig.defaults()).close();
    }

    @Test
    void onlyAnEmptyDirectoryBecomesANewTimelineAndOnlyAnExistingOneIsOpened() throws IOException {
        assertThatThrownBy(() -> Timeline.open(directory.resolve("none"), TimelineConfig.defaults()))
                .isInstanceOf(NoSuchFileException.class);
        Timeline.create(directory, TimelineConfig.defaults()).close();
        assertThatThrownBy(() -> Timeline.create(directory, TimelineConfig.defaults()))
                .isInstanceOf(DirectoryNotEmptyException.class);
    }

    @Test
    void outputMovesFromAPipe() throws Exception {
        var fifo = Fifo.make(directory.resolve("fifo"));
        try (var timeline = Timeline.create(directory.resolve("timeline"), TimelineConfig.defaults());
                var pipe = OutputPipe.open(fifo)) {
            assertThat(timeline.appendFrom(StdStream.STDOUT, pipe)).isEqualTo(-1);
            try (var writer = new FileOutputStream(fifo.toFile())) {
                assertThat(timeline.appendFrom(StdStream.STDOUT, pipe)).isZero();
                writer.write("hello ".getBytes(UTF_8));
                assertThat(timeline.appendFrom(StdStream.STDOUT, pipe)).isEqualTo(6);
                assertThat(timeline.appendFrom(StdStream.STDOUT, pipe)).isZero();
                writer.write("world".getBytes(UTF_8));
            }
            assertThat(timeline.appendFrom(StdStream.STDOUT, pipe)).isEqualTo(5);
            assertThat(timeline.appendFrom(StdStream.STDOUT, pipe)).isEqualTo(-1);
            var records = Records.all(timeline);
            assertThat(records).hasSize(2);
            assertThat(Records.output(records, StdStream.STDOUT)).asString().isEqualTo("hello world");
        }
    }

    @Test
    void aPollerReportsBytesTheLastWritersEndAndWakeups() throws Exception {
        var fifo = Fifo.make(directory.resolve("fifo"));
        try (var timeline = Timeline.create(directory.resolve("timeline"), TimelineConfig.defaults());
                var pipe = OutputPipe.open(fifo);
                var poller = OutputPipe.Poller.open()) {
            var pipes = new ArrayList<>(java.util.List.of(pipe));
            assertThat(poller.await(pipes, Duration.ofMillis(10))).isEmpty();
            try (var writer = new FileOutputStream(fifo.toFile())) {
                poller.wakeup();
                assertThat(poller.await(pipes, WAIT)).isEmpty();
                writer.write(1);
                assertThat(poller.await(pipes, WAIT)).containsExactly(pipe);
                assertThat(timeline.appendFrom(StdStream.STDOUT, pipe)).isEqualTo(1);
            }
            assertThat(poller.await(pipes, WAIT)).containsExactly(pipe);
            assertThat(timeline.appendFrom(StdStream.STDOUT, pipe)).isEqualTo(-1);
        }
    }
}
