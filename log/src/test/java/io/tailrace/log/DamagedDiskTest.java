package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a power cut, a bad disk or a careless restore makes of a timeline's files. */
@DeliveryTest
@Timeout(180)
class DamagedDiskTest {
    @TempDir
    private Path temporary;

    private enum Damage {
        TRUNCATED_TAIL,
        GARBLED_TAIL,
        ZEROED_TAIL,
        ZEROS_APPENDED,
        NEWEST_HEADER_GARBLED,
        MIDDLE_SEGMENT_MISSING,
        MIDDLE_SEGMENT_GARBLED,
        INDEXES_MISSING,
        SEGMENT_COPIED_TO_A_LATER_NAME,
        SEGMENT_COPIED_TO_A_NAME_IN_BETWEEN,
        SEGMENTS_OVERLAP,
        UNFINISHED_FILES_LEFT;

        /** Whether nothing that was recorded is gone. */
        boolean isHarmless() {
            return switch (this) {
                case ZEROS_APPENDED,
                        INDEXES_MISSING,
                        SEGMENT_COPIED_TO_A_LATER_NAME,
                        SEGMENT_COPIED_TO_A_NAME_IN_BETWEEN,
                        UNFINISHED_FILES_LEFT -> true;
                default -> false;
            };
        }
    }

    @Test
    @Promise({1, 2, 6})
    void aDamagedDiskTakesMoreThanTheGapSays(Ledger ledger) throws IOException {
        var random = ledger.random();
        for (int round = 0; round < (ledger.isLong() ? 60 : 6); round++) {
            for (var damage : Damage.values()) {
                ledger.attempt();
                var directory = temporary.resolve(damage + "" + round);
                try {
                    attack(ledger, random, damage, directory);
                } catch (IOException | RuntimeException | AssertionError e) {
                    throw new AssertionError(damage + " in round " + round, e);
                }
                Records.delete(directory);
            }
        }
    }

    private static void attack(Ledger ledger, Random random, Damage damage, Path directory) throws IOException {
        var original = fill(random, directory);
        damage(random, damage, directory);
        long last;
        var poweredUpAgain = UUID.randomUUID();
        try (var timeline = Timeline.open(directory, Configs.withSmallSegments(), poweredUpAgain)) {
            last = timeline.lastSequence();
            timeline.appendOutput(StdStream.STDOUT, Records.bytes("on"));
            if (damage.isHarmless()) {
                assertThat(last).isEqualTo(original.size());
            } else {
                assertThat(timeline.recovery().detail().isEmpty()
                                || timeline.recovery().isDamaged())
                        .as(timeline.recovery().toString())
                        .isTrue();
            }
        }
        try (var timeline = Timeline.open(directory, Configs.withSmallSegments(), poweredUpAgain)) {
            assertThat(timeline.recovery().droppedBytes()).isZero();
            var from = random.nextBoolean() ? 1 : 1 + random.nextLong(timeline.lastSequence());
            check(ledger, timeline, from, original, last);
        }
    }

    /** From a sequence on, each record is as it was appended, or a Gap stands in its place. */
    private static void check(Ledger ledger, Timeline timeline, long from, List<TimelineRecord> original, long last)
            throws IOException {
        var next = from;
        var hasGap = false;
        long[] offsets = null;
        for (var record : Records.all(timeline, from)) {
            assertThat(record.sequence()).isEqualTo(next);
            switch (record) {
                case TimelineRecord.Gap gap
                when gap.reason().startsWith("damaged") -> {
                    hasGap = true;
                    next = gap.lastSequence() + 1;
                    offsets = new long[] {gap.stdoutTo(), gap.stderrTo()};
                }
                case TimelineRecord.Output output
                when output.sequence() > last -> {
                    assertThat(Records.text(output)).isEqualTo("on");
                    next++;
                }
                default -> {
                    assertThat(record).isEqualTo(original.get((int) next - 1));
                    next++;
                    if (record instanceof TimelineRecord.Output output) {
                        var stream = output.stream() == StdStream.STDOUT ? 0 : 1;
                        if (offsets != null) {
                            assertThat(output.offset()).isEqualTo(offsets[stream]);
                            offsets[stream] += output.data().remaining();
                        }
                        ledger.bytes(output.data().remaining());
                    }
                }
            }
        }
        assertThat(next).isEqualTo(timeline.lastSequence() + 1);
        // The Gap stands where the first lost record stood: who begins behind it does not ask for it.
        if (last < original.size() && from <= last + 1) {
            assertThat(hasGap)
                    .as("a Gap for records %d to %d", last + 1, original.size())
                    .isTrue();
            ledger.lost(hasGap ? 0 : 1);
        }
    }

    private static List<TimelineRecord> fill(Random random, Path directory) throws IOException {
        try (var timeline = Timeline.create(directory, Configs.withSmallSegments())) {
            for (int i = 0; i < 70; i++) {
                var data = new byte[1 + random.nextInt(12_000)];
                random.nextBytes(data);
                switch (random.nextInt(6)) {
                    case 0 -> timeline.appendState("state", Map.of("number", "" + i));
                    case 1 -> timeline.appendOutput(StdStream.STDERR, ByteBuffer.wrap(data));
                    default -> timeline.appendOutput(StdStream.STDOUT, ByteBuffer.wrap(data));
                }
            }
            // So that the newest segment is not empty, and damage to its end is damage to a record.
            timeline.appendOutput(StdStream.STDOUT, ByteBuffer.wrap(new byte[5000]));
            return Records.all(timeline);
        }
    }

    private static void damage(Random random, Damage damage, Path directory) throws IOException {
        var segments = segments(directory);
        var newest = segments.getLast();
        var middle = segments.get(1 + random.nextInt(segments.size() - 2));
        switch (damage) {
            case TRUNCATED_TAIL -> tail(newest, null, 1 + random.nextInt(3000));
            case GARBLED_TAIL -> {
                var garbage = new byte[1 + random.nextInt(3000)];
                random.nextBytes(garbage);
                garbage[0] = 1; // what was there is zero
                tail(newest, garbage, garbage.length);
            }
            case ZEROED_TAIL -> {
                var at = Files.size(newest) - 5040; // of the last record, also its header
                tail(newest, new byte[(int) (Files.size(newest) - at)], (int) (Files.size(newest) - at));
            }
            case ZEROS_APPENDED -> tail(newest, new byte[1 + random.nextInt(100_000)], 0);
            case NEWEST_HEADER_GARBLED -> write(newest, random.nextInt(SegmentHeader.FIXED_BYTES), new byte[] {99});
            case MIDDLE_SEGMENT_MISSING -> Files.delete(middle);
            case MIDDLE_SEGMENT_GARBLED -> {
                var garbage = new byte[500];
                random.nextBytes(garbage);
                write(middle, SegmentHeader.FIXED_BYTES + 4 + random.nextInt(40_000), garbage);
            }
            case INDEXES_MISSING -> {
                try (var files = Files.newDirectoryStream(directory, "*.index")) {
                    for (var file : files) {
                        Files.delete(file);
                    }
                }
            }
            case SEGMENT_COPIED_TO_A_LATER_NAME ->
                Files.copy(middle, Segment.file(directory, Segment.baseSequence(newest) + 1 + random.nextInt(1000)));
            case SEGMENT_COPIED_TO_A_NAME_IN_BETWEEN ->
                Files.copy(newest, Segment.file(directory, Segment.baseSequence(middle) + 1));
            case SEGMENTS_OVERLAP -> overlap(directory, Segment.baseSequence(middle) + 1);
            case UNFINISHED_FILES_LEFT -> {
                Files.write(directory.resolve(newest.getFileName() + ".new"), new byte[random.nextInt(200)]);
                Files.write(directory.resolve("reserve"), new byte[random.nextInt(200)]);
                Files.write(directory.resolve("reserve.probe"), new byte[random.nextInt(200)]);
                Files.write(directory.resolve("dropped"), new byte[random.nextInt(200)]);
            }
        }
    }

    /** A segment that begins where another one has not ended, as from a restored copy, and has no records. */
    private static void overlap(Path directory, long sequence) throws IOException {
        try (var timeline = Timeline.open(directory, Configs.withSmallSegments());
                var reader = timeline.read(sequence)) {
            var stdout = 0L;
            var stderr = 0L;
            for (var record : Records.all(timeline).subList(0, (int) sequence - 1)) {
                if (record instanceof TimelineRecord.Output output) {
                    var length = output.data().remaining();
                    stdout += output.stream() == StdStream.STDOUT ? length : 0;
                    stderr += output.stream() == StdStream.STDERR ? length : 0;
                }
            }
            var first = java.util.Objects.requireNonNull(reader.poll());
            var header = new SegmentHeader(
                    UUID.randomUUID(), sequence, first.timestampNanos(), stdout, stderr, 0, 0, new byte[0]);
            Files.write(Segment.file(directory, sequence), header.encode());
        }
    }

    /** Replaces the last bytes of a file; by nothing: cuts them off. */
    private static void tail(Path file, byte @org.jspecify.annotations.Nullable [] bytes, int length)
            throws IOException {
        var at = Files.size(file) - length;
        if (bytes == null) {
            try (var opened = new RandomAccessFile(file.toFile(), "rw")) {
                opened.setLength(at);
            }
        } else {
            write(file, at, bytes);
        }
    }

    private static void write(Path file, long at, byte[] bytes) throws IOException {
        try (var opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.seek(at);
            opened.write(bytes);
        }
    }

    private static List<Path> segments(Path directory) throws IOException {
        var found = new ArrayList<Path>();
        try (var files = Files.newDirectoryStream(directory, "*.segment")) {
            files.forEach(found::add);
        }
        found.sort(null);
        return found;
    }
}
