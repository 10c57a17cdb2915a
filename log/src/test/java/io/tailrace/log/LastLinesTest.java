package io.tailrace.log;

import static io.tailrace.log.Records.bytes;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where the last lines begin, and how much is read to find that. */
@Timeout(120)
class LastLinesTest {
    private static final Set<StdStream> BOTH = EnumSet.allOf(StdStream.class);
    private static final long SEED = Long.getLong("tailrace.seed", System.nanoTime());

    @TempDir
    private Path directory;

    /** The output from a place on. */
    private static String text(Timeline timeline, OutputPlace place, Set<StdStream> streams) throws IOException {
        var text = new ByteArrayOutputStream();
        for (var record : Records.all(timeline, place.sequence())) {
            if (record instanceof TimelineRecord.Output output && streams.contains(output.stream())) {
                var all = bytes(output.data());
                var skipped = record.sequence() == place.sequence() ? place.skippedBytes() : 0;
                if (record.sequence() == place.sequence()) {
                    assertThat(place.offset()).isEqualTo(output.offset() + skipped);
                }
                text.write(all, skipped, all.length - skipped);
            }
        }
        return text.toString(ISO_8859_1);
    }

    private static String lastLines(String all, long lines) {
        var at = all.endsWith("\n") ? all.length() - 1 : all.length();
        for (long left = lines; left > 0 && at >= 0; left--) {
            at = all.lastIndexOf('\n', at - 1);
        }
        return all.substring(at + 1);
    }

    @Test
    void linesAreCountedFromTheEndOverRecordsCutAnywhere() throws IOException {
        try (var timeline = Timeline.create(directory, TimelineConfig.defaults())) {
            timeline.appendState("running", Map.of());
            timeline.appendOutput(StdStream.STDOUT, bytes("one\ntw"));
            timeline.appendState("paused", Map.of());
            timeline.appendOutput(StdStream.STDOUT, bytes("o\nthree\n"));
            timeline.appendOutput(StdStream.STDERR, bytes("four"));

            assertThat(text(timeline, timeline.lastLines(BOTH, 1), BOTH)).isEqualTo("four");
            assertThat(text(timeline, timeline.lastLines(BOTH, 2), BOTH)).isEqualTo("three\nfour");
            assertThat(text(timeline, timeline.lastLines(BOTH, 3), BOTH)).isEqualTo("two\nthree\nfour");
            assertThat(timeline.lastLines(BOTH, 3)).isEqualTo(new OutputPlace(2, 4, 4, true));
            assertThat(timeline.lastLines(BOTH, 4)).isEqualTo(new OutputPlace(2, 0, 0, false));
            assertThat(timeline.lastLines(BOTH, 5)).isEqualTo(new OutputPlace(2, 0, 0, false));
            var stdout = Set.of(StdStream.STDOUT);
            assertThat(text(timeline, timeline.lastLines(stdout, 1), stdout)).isEqualTo("three\n");
            assertThat(timeline.lastLines(BOTH, 1, 4)).isEqualTo(new OutputPlace(4, 8, 2, true));
            assertThat(timeline.lastLines(BOTH, 1, 3)).isEqualTo(new OutputPlace(2, 4, 4, true));
            assertThat(timeline.lastLines(BOTH, 9, 1)).isEqualTo(new OutputPlace(2, 0, 0, false));
            timeline.appendOutput(StdStream.STDERR, bytes("\n"));
            assertThat(timeline.lastLines(BOTH, 1)).isEqualTo(new OutputPlace(5, 0, 0, true));
        }
    }

    @Test
    void withoutOutputTheLastLinesBeginWithTheNextRecord() throws IOException {
        try (var timeline = Timeline.create(directory, TimelineConfig.defaults())) {
            assertThat(timeline.lastLines(BOTH, 3)).isEqualTo(new OutputPlace(1, 0, 0, false));
            timeline.appendState("running", Map.of());
            timeline.appendOutput(StdStream.STDERR, bytes("x"));
            assertThat(timeline.lastLines(Set.of(StdStream.STDOUT), 3)).isEqualTo(new OutputPlace(3, 0, 0, false));
            assertThatThrownBy(() -> timeline.lastLines(BOTH, 0)).hasMessageContaining("lines: 0 (expected: 1 to ");
        }
    }

    @Test
    void anyNumberOfLinesIsFoundInRandomOutputOverManySegments() throws IOException {
        var random = new Random(SEED);
        var all = new StringBuilder();
        var stdout = new StringBuilder();
        try (var timeline = Timeline.create(directory, Configs.withSmallSegments())) {
            for (int record = 0; record < 3_000; record++) {
                var text = new StringBuilder();
                for (int left = 1 + random.nextInt(random.nextInt(20) == 0 ? 4_000 : 80); left > 0; left--) {
                    text.append(random.nextInt(40) == 0 ? '\n' : (char) ('a' + random.nextInt(26)));
                }
                var isOut = random.nextInt(3) > 0;
                timeline.appendOutput(isOut ? StdStream.STDOUT : StdStream.STDERR, bytes(text.toString()));
                all.append(text);
                stdout.append(isOut ? text : "");
                if (record % 100 == 0) {
                    timeline.appendState("running", Map.of());
                }
            }
            for (int i = 0; i < 60; i++) {
                var lines = 1 + random.nextInt(i < 20 ? 10 : 12_000);
                assertThat(text(timeline, timeline.lastLines(BOTH, lines), BOTH))
                        .as("seed %d, %d lines", SEED, lines)
                        .isEqualTo(lastLines(all.toString(), lines));
                var one = Set.of(StdStream.STDOUT);
                assertThat(text(timeline, timeline.lastLines(one, lines), one))
                        .as("seed %d, %d lines of stdout", SEED, lines)
                        .isEqualTo(lastLines(stdout.toString(), lines));
            }
        }
    }

    @Test
    void theTailOfALargeTimelineAndItsPlaceAtATimeAreFoundWithoutReadingItWhole() throws IOException {
        var line = "x".repeat(127) + "\n";
        var chunk = bytes(line.repeat(512));
        try (var timeline = Timeline.create(directory, TimelineConfig.defaults());
                var disk = FailingDisk.under(directory)) {
            for (int records = 0; records < 3_000; records++) {
                timeline.appendOutput(StdStream.STDOUT, chunk.duplicate());
            }
            var middle = Records.all(timeline, 1_500).getFirst().timestampNanos();
            assertThat(timeline.sizeBytes()).isGreaterThan(180 << 20);
            // Opened again, so that nothing of it is in memory.
            timeline.close();
            try (var again = Timeline.open(directory, TimelineConfig.defaults())) {
                var read = new AtomicLong();
                disk.fail((call, file, position, length) -> {
                    if (call == Disk.Call.READ) {
                        read.addAndGet(length);
                    }
                    return 0;
                });
                assertThat(again.lastLines(BOTH, 10).sequence()).isEqualTo(3_000);
                assertThat(read.get()).as("bytes for 10 lines").isLessThan(2 << 20);
                read.set(0);
                assertThat(again.lastLines(BOTH, 100_000).sequence()).isEqualTo(3_000 - 195);
                assertThat(read.get()).as("bytes for 100000 lines").isLessThan(16 << 20);
                read.set(0);
                assertThat(again.sequenceAtTime(middle)).isLessThanOrEqualTo(1_500);
                assertThat(again.offsetAtTime(StdStream.STDOUT, middle)).isLessThanOrEqualTo(1_499L << 16);
                assertThat(read.get()).as("bytes for a time").isLessThan(2 << 20);
                read.set(0);
                assertThat(again.lastOutputNanos()).isGreaterThanOrEqualTo(middle);
                assertThat(read.get()).as("bytes for the last output").isLessThan(2 << 20);
                read.set(0);
                assertThat(again.lastLines(Set.of(StdStream.STDERR), 10).isReached())
                        .isFalse();
                assertThat(read.get())
                        .as("bytes for lines of a stream that has none")
                        .isLessThan(1 << 20);
            }
        }
    }

    @Test
    void trimmedAndDamagedOutputIsNotCounted() throws IOException {
        try (var timeline = Timeline.create(directory, Configs.retaining(200_000))) {
            for (int record = 0; record < 1_000; record++) {
                timeline.appendOutput(StdStream.STDOUT, bytes("y".repeat(999) + "\n"));
            }
            timeline.trim();
            var first = timeline.firstSequence();
            assertThat(first).isGreaterThan(700);
            assertThat(timeline.lastLines(BOTH, 100_000))
                    .isEqualTo(new OutputPlace(first, (first - 1) * 1000, 0, false));
            assertThat(timeline.lastLines(BOTH, 10).sequence()).isEqualTo(991);
        }
        try (var files = Files.newDirectoryStream(directory, "*.segment")) {
            var oldest = Path.of("");
            for (var file : files) {
                oldest = oldest.toString().isEmpty() || file.compareTo(oldest) < 0 ? file : oldest;
            }
            var content = Files.readAllBytes(oldest);
            content[20_000] ^= 1; // in a payload
            Files.write(oldest, content);
        }
        try (var timeline = Timeline.open(directory, Configs.retaining(Long.MAX_VALUE))) {
            assertThat(timeline.lastLines(BOTH, 100_000).sequence()).isEqualTo(timeline.firstSequence());
        }
    }

    @Test
    void theTimeOfTheLastOutputIsNotThatOfLaterRecords() throws IOException {
        try (var timeline = Timeline.create(directory, TimelineConfig.defaults())) {
            assertThat(timeline.lastOutputNanos()).isZero();
            timeline.appendState("running", Map.of());
            timeline.appendOutput(StdStream.STDERR, bytes("x"));
            timeline.appendState("paused", Map.of());
            timeline.appendState("running", Map.of());
            assertThat(timeline.lastOutputNanos())
                    .isEqualTo(Records.all(timeline).get(1).timestampNanos());
        }
    }
}
