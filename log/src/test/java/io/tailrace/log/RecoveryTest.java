package io.tailrace.log;

import static io.tailrace.log.Records.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is left when the bytes on disk are not what they were. */
@Timeout(120)
class RecoveryTest {
    @TempDir
    private Path temporary;

    private Path directory;

    @BeforeEach
    void chooseDirectory() {
        directory = temporary.resolve("timeline");
    }

    @Test
    void atEveryOffsetWhereTheFileIsCutTheWholeRecordsBeforeAreKept() throws IOException {
        var whole = smallTimeline();
        var ends = ends(whole);
        for (int length = ends[0]; length < whole.length; length++) {
            replace(1, ByteBuffer.wrap(whole, 0, length));
            try (var timeline = Timeline.open(directory, TimelineConfig.defaults())) {
                var kept = kept(ends, length);
                assertThat(Records.all(timeline)).as("cut at %d", length).hasSize(kept);
                assertThat(timeline.recovery().droppedBytes()).isEqualTo(length - ends[kept]);
                assertThat(timeline.appendOutput(StdStream.STDOUT, bytes("on"))).isEqualTo(kept + 1);
            }
        }
    }

    @Test
    void whereverAByteIsFlippedTheRecordsBeforeAreKeptAndNoneIsWrong() throws IOException {
        var whole = smallTimeline();
        var ends = ends(whole);
        var records = read(whole);
        for (int at = 0; at < whole.length; at++) {
            var damaged = whole.clone();
            damaged[at] ^= (byte) (1 << (at % 8));
            replace(1, ByteBuffer.wrap(damaged));
            try (var timeline = Timeline.open(directory, TimelineConfig.defaults())) {
                var kept = kept(ends, at);
                assertThat(Records.all(timeline)).as("flipped at %d", at).isEqualTo(records.subList(0, kept));
                assertThat(timeline.recovery().droppedBytes()).isPositive();
                assertThat(timeline.recovery().detail()).contains("00000000000000000001.segment");
            }
        }
    }

    @Test
    void aTailOfZerosOrOfGarbageIsCutOff() throws IOException {
        var whole = smallTimeline();
        var records = read(whole);
        var random = new Random(7);
        for (int length : new int[] {1, 39, 40, 41, 4096, 300_000}) {
            for (boolean isGarbage : new boolean[] {false, true}) {
                var tail = new byte[length];
                if (isGarbage) {
                    random.nextBytes(tail);
                }
                replace(
                        1,
                        ByteBuffer.allocate(whole.length + length)
                                .put(whole)
                                .put(tail)
                                .flip());
                try (var timeline = Timeline.open(directory, TimelineConfig.defaults())) {
                    assertThat(Records.all(timeline)).isEqualTo(records);
                    assertThat(timeline.recovery().droppedBytes()).isEqualTo(length);
                    assertThat(Files.size(Segment.file(directory, 1))).isEqualTo(whole.length);
                }
            }
        }
    }

    @Test
    void outputThatWasNotSealedIsSealedWhateverItsLength() throws IOException {
        var whole = smallTimeline();
        var ends = ends(whole);
        for (int length : new int[] {1, 2, 1000, 4096, Timeline.OUTPUT_BYTES_MAX}) {
            var output = new byte[length];
            new Random(length).nextBytes(output);
            replace(1, withUnsealed(whole, ends.length, output));
            try (var timeline = Timeline.open(directory, TimelineConfig.defaults())) {
                assertThat(timeline.recovery()).isEqualTo(new Timeline.Recovery(length, 0, ""));
                var records = Records.all(timeline);
                assertThat(Records.bytes(((TimelineRecord.Output) records.getLast()).data()))
                        .isEqualTo(output);
                var exit = timeline.appendExit(ExitReason.EXITED, 0, 0, "");
                assertThat(exit.stdoutCrc32()).isEqualTo(Records.crc(Records.output(records, StdStream.STDOUT)));
            }
            try (var timeline = Timeline.open(directory, TimelineConfig.defaults())) {
                assertThat(timeline.recovery()).isEqualTo(new Timeline.Recovery(0, 0, ""));
            }
        }
    }

    @Test
    void anOpenHeaderThatGotNoBytesIsNothing() throws IOException {
        var whole = smallTimeline();
        var records = read(whole);
        replace(1, withUnsealed(whole, ends(whole).length, new byte[0]));
        try (var timeline = Timeline.open(directory, TimelineConfig.defaults())) {
            assertThat(timeline.recovery()).isEqualTo(new Timeline.Recovery(0, 0, ""));
            assertThat(Records.all(timeline)).isEqualTo(records);
        }
    }

    @Test
    void outputThatWasNotSealedIsNotTrustedWhenTheMachineWasRestarted() throws IOException {
        var whole = smallTimeline();
        var records = read(whole);
        replace(1, withUnsealed(whole, ends(whole).length, new byte[100]));
        try (var timeline = Timeline.open(directory, TimelineConfig.defaults(), UUID.randomUUID())) {
            assertThat(timeline.recovery().sealedBytes()).isZero();
            assertThat(timeline.recovery().droppedBytes()).isEqualTo(140);
            assertThat(timeline.recovery().detail()).contains("restarted");
            assertThat(Records.all(timeline)).isEqualTo(records);
        }
    }

    @Test
    void afterARestartOfTheMachineANewSegmentIsBegun() throws IOException {
        smallTimeline();
        var next = UUID.randomUUID();
        try (var timeline = Timeline.open(directory, TimelineConfig.defaults(), next)) {
            var count = timeline.lastSequence();
            timeline.appendOutput(StdStream.STDOUT, bytes("x"));
            assertThat(timeline.checkpointSequence()).isEqualTo(count + 1);
            assertThat(Records.all(timeline)).hasSize((int) count + 1);
        }
    }

    @Test
    void anEmptySegmentOfAnotherBootIsTakenOverWithItsCheckpoint() throws IOException {
        var checkpoint = bytes("state").array();
        Timeline.create(directory, Configs.withCheckpoint(checkpoint)).close();
        for (int restart = 0; restart < 3; restart++) {
            try (var timeline = Timeline.open(directory, TimelineConfig.defaults(), UUID.randomUUID())) {
                assertThat(timeline.checkpoint()).isEqualTo(checkpoint);
                assertThat(timeline.checkpointSequence()).isEqualTo(1);
                if (restart == 2) {
                    assertThat(timeline.appendOutput(StdStream.STDOUT, bytes("x")))
                            .isEqualTo(1);
                    assertThat(Records.all(timeline)).hasSize(1);
                }
            }
        }
    }

    @Test
    void aNewestSegmentWithATornHeaderIsDropped() throws IOException {
        var whole = smallTimeline();
        var records = read(whole);
        var header = ByteBuffer.wrap(whole, 0, ends(whole)[0]);
        for (int length = 0; length < header.limit(); length++) {
            replace(1, ByteBuffer.wrap(whole));
            replace(records.size() + 1, header.duplicate().limit(length));
            try (var timeline = Timeline.open(directory, TimelineConfig.defaults())) {
                assertThat(Records.all(timeline)).isEqualTo(records);
                assertThat(timeline.recovery().droppedBytes()).isEqualTo(length);
                assertThat(timeline.recovery().detail()).isNotEmpty();
            }
        }
    }

    @Test
    void filesThatAreNotOfTheTimelineAreLeftAlone() throws IOException {
        var whole = smallTimeline();
        var records = read(whole);
        Files.writeString(directory.resolve("notes.txt"), "hello");
        Files.write(Segment.file(directory, 900), whole); // a copy under another name
        Files.write(directory.resolve("00000000000000000007.segment.new"), new byte[10]);
        try (var timeline = Timeline.open(directory, TimelineConfig.defaults())) {
            assertThat(Records.all(timeline)).isEqualTo(records);
            assertThat(timeline.recovery().detail()).contains("notes.txt").contains("900");
            assertThat(directory.resolve("notes.txt")).exists();
            assertThat(directory.resolve("00000000000000000007.segment.new")).doesNotExist();
        }
    }

    @Test
    void whatFollowsOnADamagedHeaderInAnOlderSegmentIsAGapUpToTheNextSegment() throws IOException {
        var chunk = new byte[10_000];
        try (var timeline = Timeline.create(directory, Configs.withSmallSegments())) {
            for (int i = 0; i < 30; i++) {
                new Random(i).nextBytes(chunk);
                timeline.appendOutput(StdStream.STDOUT, ByteBuffer.wrap(chunk));
            }
        }
        flip(Segment.file(directory, 8), 76 + 2 * 10_040 + 20);
        try (var timeline = Timeline.open(directory, Configs.withSmallSegments())) {
            var records = Records.all(timeline);
            var gap = (TimelineRecord.Gap) records.stream()
                    .filter(TimelineRecord.Gap.class::isInstance)
                    .findFirst()
                    .orElseThrow();
            assertThat(gap.reason()).isEqualTo("damaged");
            assertThat(gap.sequence()).isEqualTo(10);
            assertThat(gap.lastSequence()).isEqualTo(14);
            assertThat(gap.stdoutFrom()).isEqualTo(90_000);
            assertThat(gap.stdoutTo()).isEqualTo(140_000);
            assertThat(records.getLast().sequence()).isEqualTo(30);
            assertThat(records).hasSize(26);
            assertThat(Records.all(timeline, 14).getFirst()).isInstanceOf(TimelineRecord.Gap.class);
            assertThat(Records.all(timeline, 15)).hasSize(16);
        }
    }

    @Test
    void aRecordWithADamagedPayloadInAnOlderSegmentIsAGapOfItsOwn() throws IOException {
        try (var timeline = Timeline.create(directory, Configs.withSmallSegments())) {
            for (int i = 0; i < 30; i++) {
                timeline.appendOutput(StdStream.STDERR, ByteBuffer.allocate(10_000));
            }
        }
        flip(Segment.file(directory, 8), 30_000);
        try (var timeline = Timeline.open(directory, Configs.withSmallSegments())) {
            var records = Records.all(timeline);
            assertThat(records).hasSize(30);
            var gap = (TimelineRecord.Gap) records.get(9);
            assertThat(gap.sequence()).isEqualTo(10);
            assertThat(gap.lastSequence()).isEqualTo(10);
            assertThat(gap.stderrFrom()).isEqualTo(90_000);
            assertThat(gap.stderrTo()).isEqualTo(100_000);
            assertThat(records).filteredOn(TimelineRecord.Gap.class::isInstance).hasSize(1);
        }
    }

    @Test
    void aMissingOrDamagedIndexIsMadeAnew() throws IOException {
        var chunk = new byte[30_000];
        var config = new TimelineConfig(
                1 << 20,
                Long.MAX_VALUE,
                java.time.Duration.ZERO,
                TimelineConfig.Fsync.NEVER,
                java.time.Clock.systemUTC(),
                () -> new byte[0]);
        try (var timeline = Timeline.create(directory, config)) {
            for (int i = 0; i < 100; i++) {
                timeline.appendOutput(StdStream.STDOUT, ByteBuffer.wrap(chunk));
            }
        }
        var index = directory.resolve("00000000000000000001.index");
        var bytes = Files.readAllBytes(index);
        for (int at = -1; at < bytes.length; at++) {
            if (at < 0) {
                Files.delete(index);
            } else {
                var damaged = bytes.clone();
                damaged[at] ^= 4;
                Files.write(index, damaged);
            }
            try (var timeline = Timeline.open(directory, config)) {
                assertThat(timeline.sequenceOfOffset(StdStream.STDOUT, 20 * 30_000 + 5))
                        .isEqualTo(21);
                assertThat(Files.readAllBytes(index)).isEqualTo(bytes);
            }
        }
    }

    private static void flip(Path file, long at) throws IOException {
        try (var access = new RandomAccessFile(file.toFile(), "rw")) {
            access.seek(at);
            var flipped = access.read() ^ 1;
            access.seek(at);
            access.write(flipped);
        }
    }

    /** A few records of all kinds, closed. @return the bytes of its segment */
    private byte[] smallTimeline() throws IOException {
        try (var timeline = Timeline.create(directory, Configs.withCheckpoint(new byte[] {1, 2, 3}))) {
            timeline.appendState("running", Map.of("key", "value"));
            timeline.appendOutput(StdStream.STDOUT, bytes("some output"));
            timeline.appendOutput(StdStream.STDERR, bytes("errors"));
            timeline.appendHealth("healthy", 0, 5, bytes("ok"));
            timeline.appendMessage("topic", bytes("message"));
            timeline.appendGap("lost", StdStream.STDOUT, 5);
            timeline.appendOutput(
                    StdStream.STDOUT, ByteBuffer.wrap("x".repeat(200).getBytes(UTF_8)));
            timeline.appendExit(ExitReason.EXITED, 0, 0, "done");
        }
        return Files.readAllBytes(Segment.file(directory, 1));
    }

    /** Where the header ends, and then each record. */
    private static int[] ends(byte[] segment) throws DamagedRecordException {
        var bytes = ByteBuffer.wrap(segment);
        var ends = new java.util.ArrayList<Integer>();
        var position = SegmentHeader.length(bytes);
        ends.add(position);
        while (position < segment.length) {
            var at = (int) RecordHeader.placeAfter(position);
            position = at + RecordHeader.BYTES + RecordHeader.decode(bytes, at).payloadLength();
            ends.add(position);
        }
        return ends.stream().mapToInt(Integer::intValue).toArray();
    }

    /** How many records end at or before an offset. */
    private static int kept(int[] ends, int offset) {
        var kept = 0;
        while (kept + 1 < ends.length && ends[kept + 1] <= offset) {
            kept++;
        }
        return kept;
    }

    private List<TimelineRecord> read(byte[] segment) throws IOException {
        replace(1, ByteBuffer.wrap(segment));
        try (var timeline = Timeline.open(directory, TimelineConfig.defaults())) {
            return Records.all(timeline);
        }
    }

    /** A segment as a server leaves it that is killed between moving output and sealing it. */
    private static ByteBuffer withUnsealed(byte[] segment, int sequence, byte[] output) throws DamagedRecordException {
        var last = ByteBuffer.wrap(segment);
        var offset = 0L;
        var time = 0L;
        var ends = ends(segment);
        for (int i = 0; i + 1 < ends.length; i++) {
            var header = RecordHeader.decode(last, (int) RecordHeader.placeAfter(ends[i]));
            offset = header.kind() == RecordHeader.OUTPUT && header.stream() == 1
                    ? header.offset() + header.payloadLength()
                    : offset;
            time = header.timestampNanos();
        }
        var at = (int) RecordHeader.placeAfter(segment.length);
        var bytes = ByteBuffer.allocate(at + RecordHeader.BYTES + output.length);
        bytes.put(segment);
        RecordHeader.open(StdStream.STDOUT, sequence, time, offset).encode(bytes, at);
        return bytes.put(at + RecordHeader.BYTES, output);
    }

    private void replace(long baseSequence, ByteBuffer bytes) throws IOException {
        try (var files = Files.newDirectoryStream(directory)) {
            for (var file : files) {
                if (baseSequence == 1) {
                    Files.delete(file);
                }
            }
        }
        var array = new byte[bytes.rewind().remaining()];
        bytes.get(array);
        Files.write(Segment.file(directory, baseSequence), array);
    }

    @Test
    void aTimelineLooksAsIfNothingWasEverRecordedWhenRecoveryWasKilledAfterItPutDamageAside() throws Exception {
        var directory = temporary.resolve("aside");
        try (var timeline = Timeline.create(directory, TimelineConfig.defaults())) {
            timeline.appendState("created", Map.of());
        }
        var first = Segment.file(directory, 1);
        Files.move(first, Segment.asideOf(first));
        try (var timeline = Timeline.open(directory, TimelineConfig.defaults())) {
            assertThat(timeline.recovery().isDamaged()).isTrue();
        }
        assertThat(first).exists();
        try (var timeline = Timeline.open(directory, TimelineConfig.defaults())) {
            assertThat(timeline.recovery().isDamaged()).isFalse();
            assertThat(Records.all(timeline)).singleElement().isInstanceOf(TimelineRecord.Gap.class);
        }
        Files.delete(first);
        Segment.create(directory, SegmentHeader.first(Disk.realBootId(), 1, TimelineConfig.defaults()));
        Files.deleteIfExists(directory.resolve(Drops.FILE_NAME));
        try (var timeline = Timeline.open(directory, TimelineConfig.defaults())) {
            assertThat(timeline.recovery().isDamaged()).isTrue();
        }
    }
}
