package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random work on a timeline, compared with a list of what was appended. */
@Timeout(120)
class ModelTest {
    private static final int RUNS = Integer.getInteger("tailrace.runs", 15);
    private static final int STEPS = 300;

    @TempDir
    private Path directory;

    private Random random = new Random(0);
    private UUID bootId = new UUID(0, 0);
    private List<TimelineRecord> model = new ArrayList<>();

    @Test
    void aTimelineHoldsWhatWasAppendedWhateverIsDoneInBetween() throws IOException {
        var seed = Long.getLong("tailrace.seed", System.nanoTime());
        for (int run = 0; run < RUNS; run++) {
            try {
                random = new Random(seed + run);
                model = new ArrayList<>();
                run(directory.resolve("timeline" + run));
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError("-Dtailrace.runs=1 -Dtailrace.seed=" + (seed + run), e);
            }
        }
    }

    private void run(Path timelineDirectory) throws IOException {
        var config = new TimelineConfig(
                Configs.SEGMENT_BYTES_MIN,
                random.nextBoolean() ? Long.MAX_VALUE : 500_000,
                Duration.ZERO,
                TimelineConfig.Fsync.NEVER,
                Clock.systemUTC(),
                () -> new byte[random.nextInt(100)]);
        var timeline = Timeline.create(timelineDirectory, config);
        var follower = timeline.read(1);
        var followed = 0;
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(30)) {
                case 0 -> {
                    follower.close();
                    timeline.close();
                    bootId = random.nextInt(3) == 0 ? UUID.randomUUID() : bootId;
                    timeline = Timeline.open(timelineDirectory, config, bootId);
                    assertThat(timeline.recovery()).isEqualTo(new Timeline.Recovery(0, 0, ""));
                    followed = Math.max(followed, (int) timeline.firstSequence() - 1);
                    follower = timeline.read(followed + 1);
                }
                case 1 -> timeline.trim();
                case 2 -> check(timeline);
                case 3, 4, 5 -> followed = follow(follower, followed);
                default -> append(timeline);
            }
        }
        check(timeline);
        timeline.close();
        follower.close();
    }

    private int follow(TimelineReader follower, int followed) throws IOException {
        for (int left = random.nextInt(60); left > 0; left--) {
            var record = follower.poll();
            switch (record) {
                case null -> {
                    assertThat(followed).isEqualTo(model.size());
                    return followed;
                }
                case TimelineRecord.Gap gap
                when gap.reason().equals("retention") -> {
                    assertThat(gap.sequence()).isEqualTo(followed + 1);
                    followed = (int) gap.lastSequence();
                }
                default -> assertSame(record, model.get(followed++));
            }
        }
        return followed;
    }

    private void append(Timeline timeline) throws IOException {
        var stream = random.nextBoolean() ? StdStream.STDOUT : StdStream.STDERR;
        var sequence = model.size() + 1;
        switch (random.nextInt(12)) {
            case 0 -> {
                var attributes = Map.of("k", "v".repeat(random.nextInt(5000)), "", "ü");
                assertThat(timeline.appendState("state", attributes).sequence()).isEqualTo(sequence);
                model.add(new TimelineRecord.State(sequence, 0, "state", attributes));
            }
            case 1 -> {
                assertThat(timeline.appendGap("dropped", stream, 1000)).isEqualTo(sequence);
                var stdout = length(StdStream.STDOUT);
                var stderr = length(StdStream.STDERR);
                var isStdout = stream == StdStream.STDOUT;
                model.add(new TimelineRecord.Gap(
                        sequence,
                        0,
                        sequence,
                        "dropped",
                        stdout,
                        isStdout ? stdout + 1000 : stdout,
                        stderr,
                        isStdout ? stderr : stderr + 1000));
            }
            case 2 -> {
                var data = data(random.nextInt(4) == 0 ? Timeline.MESSAGE_BYTES_MAX : 500);
                timeline.appendMessage("topic", data.duplicate());
                model.add(new TimelineRecord.Message(sequence, 0, "topic", data));
            }
            default -> {
                var data = data(1 + (int) Math.pow(200_000, random.nextDouble()));
                timeline.appendOutput(stream, data.duplicate());
                for (int at = 0; at < data.limit(); at += Timeline.OUTPUT_BYTES_MAX) {
                    var chunk = data.slice(at, Math.min(Timeline.OUTPUT_BYTES_MAX, data.limit() - at));
                    model.add(new TimelineRecord.Output(model.size() + 1, 0, stream, length(stream), chunk));
                }
            }
        }
        assertThat(timeline.lastSequence()).isEqualTo(model.size());
    }

    private void check(Timeline timeline) throws IOException {
        assertThat(timeline.lastSequence()).isEqualTo(model.size());
        assertThat(timeline.streamLength(StdStream.STDOUT)).isEqualTo(length(StdStream.STDOUT));
        assertThat(timeline.streamLength(StdStream.STDERR)).isEqualTo(length(StdStream.STDERR));
        var first = timeline.firstSequence();
        var from = first + random.nextLong(model.size() - first + 2);
        var records = Records.all(timeline, from);
        assertThat(records).hasSize((int) (model.size() - from + 1));
        for (var record : records) {
            assertSame(record, model.get((int) record.sequence() - 1));
        }
        var lifecycle = new ArrayList<TimelineRecord>();
        timeline.forEachNonOutput(from, lifecycle::add);
        assertThat(lifecycle)
                .isEqualTo(records.stream()
                        .filter(record -> !(record instanceof TimelineRecord.Output))
                        .toList());
        checkSearch(timeline, records);
    }

    private void checkSearch(Timeline timeline, List<TimelineRecord> records) throws IOException {
        for (int i = 0; i < 10 && !records.isEmpty(); i++) {
            var record = records.get(random.nextInt(records.size()));
            if (record instanceof TimelineRecord.Output output) {
                var offset = output.offset() + random.nextInt(output.data().limit());
                assertThat(timeline.sequenceOfOffset(output.stream(), offset)).isEqualTo(output.sequence());
            }
            var time = record.timestampNanos() + random.nextInt(3) - 1;
            var expected = Records.all(timeline, timeline.firstSequence()).stream()
                    .filter(r -> r.timestampNanos() >= time)
                    .mapToLong(TimelineRecord::sequence)
                    .findFirst()
                    .orElse(model.size() + 1L);
            assertThat(timeline.sequenceAtTime(time)).isEqualTo(expected);
        }
        for (var stream : StdStream.values()) {
            assertThat(timeline.sequenceOfOffset(stream, timeline.streamLength(stream)))
                    .isEqualTo(model.size() + 1L);
        }
    }

    private long length(StdStream stream) {
        for (int i = model.size() - 1; i >= 0; i--) {
            if (model.get(i) instanceof TimelineRecord.Output output && output.stream() == stream) {
                return output.offset() + output.data().limit();
            }
            if (model.get(i) instanceof TimelineRecord.Gap gap) {
                return stream == StdStream.STDOUT ? gap.stdoutTo() : gap.stderrTo();
            }
        }
        return 0;
    }

    private ByteBuffer data(int length) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    /** Equal but for the time. */
    private static void assertSame(TimelineRecord actual, TimelineRecord expected) {
        var time = actual.timestampNanos();
        assertThat(actual)
                .isEqualTo(
                        switch (expected) {
                            case TimelineRecord.Output e ->
                                new TimelineRecord.Output(e.sequence(), time, e.stream(), e.offset(), e.data());
                            case TimelineRecord.State e ->
                                new TimelineRecord.State(e.sequence(), time, e.state(), e.attributes());
                            case TimelineRecord.Message e ->
                                new TimelineRecord.Message(e.sequence(), time, e.topic(), e.data());
                            case TimelineRecord.Gap e ->
                                new TimelineRecord.Gap(
                                        e.sequence(),
                                        time,
                                        e.lastSequence(),
                                        e.reason(),
                                        e.stdoutFrom(),
                                        e.stdoutTo(),
                                        e.stderrFrom(),
                                        e.stderrTo());
                            default -> throw new AssertionError(expected);
                        });
    }
}
