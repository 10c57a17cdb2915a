package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random damage to all files of a timeline. */
@Timeout(120)
class DamageTest {
    private static final int RUNS = Integer.getInteger("tailrace.runs", 60);

    @TempDir
    private Path directory;

    private Random random = new Random(0);

    @Test
    void whateverHappensToTheFilesEachRecordIsRightOrInAGapAndWorkGoesOn() throws IOException {
        var seed = Long.getLong("tailrace.seed", System.nanoTime());
        for (int run = 0; run < RUNS; run++) {
            try {
                random = new Random(seed + run);
                run(directory.resolve("timeline" + run));
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError("-Dtailrace.runs=1 -Dtailrace.seed=" + (seed + run), e);
            }
        }
    }

    private void run(Path timelineDirectory) throws IOException {
        var original = fill(timelineDirectory);
        for (int i = random.nextInt(4); i >= 0; i--) {
            damage(timelineDirectory);
        }
        try (var timeline = Timeline.open(timelineDirectory, Configs.withSmallSegments())) {
            check(timeline, 1, original);
            check(timeline, 1 + random.nextLong(original.size()), original);
            timeline.forEachNonOutput(1, record -> {});
            timeline.sequenceOfOffset(StdStream.STDOUT, random.nextLong(1_000_000));
            timeline.sequenceAtTime(
                    original.get(random.nextInt(original.size())).timestampNanos());
            var last = timeline.lastSequence();
            var isDamaged = timeline.recovery().isDamaged();
            assertThat(timeline.appendOutput(StdStream.STDOUT, Records.bytes("on")))
                    .isEqualTo(isDamaged ? last + 2 : last + 1);
            var later = Records.all(timeline, last + 1);
            if (isDamaged) {
                assertThat(((TimelineRecord.Gap) later.getFirst()).reason()).isEqualTo("damaged-at-least");
            }
            assertThat(Records.text(later.getLast())).isEqualTo("on");
        }
        try (var timeline = Timeline.open(timelineDirectory, Configs.withSmallSegments())) {
            assertThat(timeline.recovery().droppedBytes()).isZero();
        }
    }

    private List<TimelineRecord> fill(Path timelineDirectory) throws IOException {
        try (var timeline = Timeline.create(timelineDirectory, Configs.withSmallSegments())) {
            for (int i = 0; i < 60; i++) {
                var data = new byte[1 + random.nextInt(12_000)];
                random.nextBytes(data);
                switch (random.nextInt(8)) {
                    case 0 -> timeline.appendState("state", Map.of("number", "" + i));
                    case 1 -> timeline.appendGap("lost", StdStream.STDERR, 1 + random.nextInt(1000));
                    case 2 -> timeline.appendOutput(StdStream.STDERR, ByteBuffer.wrap(data));
                    default -> timeline.appendOutput(StdStream.STDOUT, ByteBuffer.wrap(data));
                }
            }
            return Records.all(timeline);
        }
    }

    private void damage(Path timelineDirectory) throws IOException {
        var files = new ArrayList<Path>();
        try (var entries = Files.newDirectoryStream(timelineDirectory)) {
            entries.forEach(files::add);
        }
        if (files.isEmpty()) {
            return;
        }
        files.sort(null);
        var victim = files.get(random.nextInt(files.size()));
        var size = Files.size(victim);
        var at = size == 0 ? 0 : random.nextLong(random.nextBoolean() ? size : Math.min(size, 200));
        var length = 1 + random.nextInt(5_000);
        switch (random.nextInt(6)) {
            case 0 -> Files.delete(victim);
            case 1 -> Files.write(timelineDirectory.resolve("00000000000000000033.segment"), new byte[length]);
            default -> {
                try (var file = new RandomAccessFile(victim.toFile(), "rw")) {
                    file.seek(at);
                    var bytes = new byte[length];
                    switch (random.nextInt(4)) {
                        case 0 -> file.setLength(at);
                        case 1 -> file.write(random.nextInt(256));
                        case 2 -> file.write(bytes);
                        default -> {
                            random.nextBytes(bytes);
                            file.seek(size);
                            file.write(bytes);
                        }
                    }
                }
            }
        }
    }

    /** Each sequence from one on comes once, as it was appended or within a Gap. */
    private static void check(Timeline timeline, long from, List<TimelineRecord> original) throws IOException {
        var next = from;
        for (var record : Records.all(timeline, from)) {
            assertThat(record.sequence()).isEqualTo(next);
            if (record instanceof TimelineRecord.Gap gap && !gap.reason().equals("lost")) {
                assertThat(gap.lastSequence()).isGreaterThanOrEqualTo(gap.sequence());
                assertThat(gap.stdoutTo()).isGreaterThanOrEqualTo(gap.stdoutFrom());
                assertThat(gap.stderrTo()).isGreaterThanOrEqualTo(gap.stderrFrom());
                next = gap.lastSequence() + 1;
            } else {
                assertThat(record).isEqualTo(original.get((int) next - 1));
                next++;
            }
        }
        assertThat(next).isEqualTo(Math.max(from, timeline.lastSequence() + 1));
    }
}
