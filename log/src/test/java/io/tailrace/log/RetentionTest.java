package io.tailrace.log;

import static io.tailrace.log.Records.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RetentionTest {
    private static final int CHUNK_BYTES = 10_000;
    private static final int RECORDS_PER_SEGMENT = 7;
    private static final long THREE_SEGMENTS = 3 * 71_000;

    @TempDir
    private Path directory;

    @Test
    void oldSegmentsAreDeletedWhileTheTimelineIsTooLarge() throws IOException {
        try (var timeline = Timeline.create(directory, Configs.retaining(THREE_SEGMENTS))) {
            append(timeline, 100);
            assertThat(timeline.firstSequence()).isEqualTo(78); // 85 became too many after the last segment began
            assertThat(timeline.trim()).isGreaterThan(RECORDS_PER_SEGMENT * CHUNK_BYTES);
            assertThat(timeline.firstSequence()).isEqualTo(85);
            assertThat(timeline.sizeBytes()).isLessThanOrEqualTo(THREE_SEGMENTS);
            assertThat(timeline.lastSequence()).isEqualTo(100);
            assertThat(timeline.streamLength(StdStream.STDOUT)).isEqualTo(100 * CHUNK_BYTES);
        }
    }

    @Test
    void whoAsksForTrimmedRecordsGetsAGapThatSaysWhatIsMissing() throws IOException {
        try (var timeline = Timeline.create(directory, Configs.retaining(THREE_SEGMENTS))) {
            append(timeline, 100);
            var first = timeline.firstSequence();
            var records = Records.all(timeline, 1);
            assertThat(records.getFirst()).isInstanceOfSatisfying(TimelineRecord.Gap.class, gap -> {
                assertThat(gap.sequence()).isEqualTo(1);
                assertThat(gap.lastSequence()).isEqualTo(first - 1);
                assertThat(gap.reason()).isEqualTo("retention");
                assertThat(gap.stdoutFrom()).isZero();
                assertThat(gap.stdoutTo()).isEqualTo((first - 1) * CHUNK_BYTES);
                assertThat(gap.stderrTo()).isEqualTo(gap.stderrFrom());
            });
            assertThat(records.get(1).sequence()).isEqualTo(first);
            assertThat(records).hasSize((int) (100 - first + 2));
            assertThat(timeline.sequenceOfOffset(StdStream.STDOUT, 5)).isEqualTo(first);
            assertThat(timeline.sequenceAtTime(0)).isEqualTo(first);
        }
    }

    @Test
    void aReaderThatFellBehindWhatIsKeptKnowsTheBytesItMissed() throws IOException {
        try (var timeline = Timeline.create(directory, Configs.retaining(THREE_SEGMENTS));
                var reader = timeline.read(1)) {
            append(timeline, RECORDS_PER_SEGMENT);
            for (int i = 0; i < RECORDS_PER_SEGMENT; i++) {
                assertThat(reader.poll()).isInstanceOf(TimelineRecord.Output.class);
            }
            assertThat(reader.poll()).isNull();
            append(timeline, 300);
            assertThat(reader.poll()).isInstanceOfSatisfying(TimelineRecord.Gap.class, gap -> {
                assertThat(gap.sequence()).isEqualTo(RECORDS_PER_SEGMENT + 1);
                assertThat(gap.stdoutFrom()).isEqualTo(RECORDS_PER_SEGMENT * CHUNK_BYTES);
                assertThat(gap.stdoutTo()).isEqualTo(gap.lastSequence() * CHUNK_BYTES);
            });
        }
    }

    @Test
    void aReaderInTheMiddleOfASegmentIsNotCutOffWhenItIsTrimmed() throws IOException {
        try (var timeline = Timeline.create(directory, Configs.retaining(THREE_SEGMENTS))) {
            append(timeline, RECORDS_PER_SEGMENT);
            try (var reader = timeline.read(1)) {
                assertThat(reader.poll()).isNotNull();
                append(timeline, 300);
                assertThat(timeline.firstSequence()).isGreaterThan(RECORDS_PER_SEGMENT);
                for (int i = 1; i < RECORDS_PER_SEGMENT; i++) {
                    assertThat(reader.poll()).isInstanceOf(TimelineRecord.Output.class);
                }
                assertThat(reader.poll()).isInstanceOf(TimelineRecord.Gap.class);
            }
        }
    }

    @Test
    void theExitProvesTheWholeStreamAlsoAfterTrimmingAndReopening() throws IOException {
        var whole = new java.util.zip.CRC32();
        for (int part = 0; part < 4; part++) {
            try (var timeline = part == 0
                    ? Timeline.create(directory, Configs.retaining(THREE_SEGMENTS))
                    : Timeline.open(directory, Configs.retaining(THREE_SEGMENTS))) {
                for (int i = 0; i < 25; i++) {
                    var chunk = new byte[CHUNK_BYTES];
                    new java.util.Random(part * 100 + i).nextBytes(chunk);
                    whole.update(chunk);
                    timeline.appendOutput(StdStream.STDERR, ByteBuffer.wrap(chunk));
                }
                if (part == 3) {
                    var exit = timeline.appendExit(ExitReason.EXITED, 0, 0, "");
                    assertThat(exit.stderrLength()).isEqualTo(100 * CHUNK_BYTES);
                    assertThat(exit.stderrCrc32()).isEqualTo(whole.getValue());
                }
            }
        }
    }

    @Test
    void oldSegmentsAreDeletedWhenTheirLastRecordIsTooOld() throws IOException {
        var clock = new SetClock();
        try (var timeline = Timeline.create(directory, Configs.withClock(clock, Duration.ofMinutes(5)))) {
            append(timeline, 10);
            clock.now = clock.now.plus(Duration.ofMinutes(4));
            append(timeline, 10);
            assertThat(timeline.trim()).isZero();
            clock.now = clock.now.plus(Duration.ofMinutes(2));
            assertThat(timeline.trim()).isPositive();
            assertThat(timeline.firstSequence()).isEqualTo(RECORDS_PER_SEGMENT + 1);
            clock.now = clock.now.plus(Duration.ofDays(1));
            timeline.trim();
            assertThat(timeline.firstSequence()).isEqualTo(2 * RECORDS_PER_SEGMENT + 1);
            assertThat(Records.all(timeline, 15)).hasSize(6);
        }
    }

    @Test
    void timeNeverRunsBackwards() throws IOException {
        var clock = new SetClock();
        try (var timeline = Timeline.create(directory, Configs.withClock(clock, Duration.ZERO))) {
            timeline.appendOutput(StdStream.STDOUT, bytes("a"));
            clock.now = clock.now.minus(Duration.ofHours(1));
            timeline.appendOutput(StdStream.STDOUT, bytes("b"));
            var records = Records.all(timeline);
            assertThat(records.get(1).timestampNanos()).isEqualTo(records.get(0).timestampNanos());
        }
    }

    @Test
    void theCheckpointOfTheNewestSegmentAndTheRecordsAfterItTellTheState() throws IOException {
        var count = new int[1];
        var config = new TimelineConfig(
                Configs.SEGMENT_BYTES_MIN,
                THREE_SEGMENTS,
                Duration.ZERO,
                TimelineConfig.Fsync.NEVER,
                Clock.systemUTC(),
                () -> new byte[] {(byte) count[0]});
        try (var timeline = Timeline.create(directory, config)) {
            for (int i = 0; i < 50; i++) {
                count[0]++;
                timeline.appendState("state " + i, java.util.Map.of());
                append(timeline, 1);
            }
        }
        try (var timeline = Timeline.open(directory, Configs.retaining(THREE_SEGMENTS))) {
            var after = new ArrayList<TimelineRecord>();
            timeline.forEachNonOutput(timeline.checkpointSequence(), after::add);
            var checkpointed = timeline.checkpoint()[0];
            assertThat((long) checkpointed).isBetween(50L - after.size(), 51L - after.size());
            assertThat(after).isNotEmpty().allMatch(TimelineRecord.State.class::isInstance);
            assertThat(((TimelineRecord.State) after.getLast()).state()).isEqualTo("state 49");
        }
    }

    @Test
    void readersThatAreDoneHoldNoFileOpen() throws IOException {
        try (var timeline = Timeline.create(directory, Configs.withSmallSegments())) {
            append(timeline, 50);
            var before = openFiles();
            try (var atEnd = timeline.read(1);
                    var inTheMiddle = timeline.read(1)) {
                while (atEnd.poll() != null) {
                    assertThat(openFiles()).isLessThanOrEqualTo(before + 2);
                }
                assertThat(openFiles()).isEqualTo(before);
                assertThat(inTheMiddle.poll()).isNotNull();
                assertThat(openFiles()).isEqualTo(before + 1);
            }
            assertThat(openFiles()).isEqualTo(before);
        }
    }

    private long openFiles() throws IOException {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.filter(file -> {
                        try {
                            return Files.readSymbolicLink(file).startsWith(directory);
                        } catch (IOException e) {
                            return false; // closed meanwhile
                        }
                    })
                    .count();
        }
    }

    private static void append(Timeline timeline, int chunks) throws IOException {
        for (int i = 0; i < chunks; i++) {
            timeline.appendOutput(StdStream.STDOUT, ByteBuffer.allocate(CHUNK_BYTES));
        }
    }

    private static final class SetClock extends Clock {
        private Instant now = Instant.ofEpochSecond(1_700_000_000);

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
