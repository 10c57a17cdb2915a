package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import io.tailrace.delivery.SmallDisk;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Output that is dropped because there is no room: what is left is told apart from what is missing, to the byte. */
@DeliveryTest
@Timeout(120)
class DroppedOutputTest {
    private static final int CHECKPOINT_BYTES = 2000;

    @TempDir
    private Path temporary;

    private SmallDisk disk;
    private Path directory;

    @BeforeEach
    void mount() throws Exception {
        disk = SmallDisk.mount(temporary.resolve("disk"), 2);
        directory = disk.root().resolve("timeline");
    }

    @AfterEach
    void unmount() throws Exception {
        disk.close();
    }

    private static TimelineConfig config() {
        return new TimelineConfig(
                256 << 10,
                Long.MAX_VALUE,
                Duration.ZERO,
                32 << 10,
                TimelineConfig.Fsync.NEVER,
                Clock.systemUTC(),
                () -> new byte[CHECKPOINT_BYTES]);
    }

    @Test
    @Promise({1, 6})
    void aGapIsWrongAboutWhatWasDropped(Ledger ledger) throws Exception {
        var random = ledger.random();
        var written = List.of(new ArrayList<byte[]>(), new ArrayList<byte[]>());
        var fifos = List.of(Fifo.make(temporary.resolve("out")), Fifo.make(temporary.resolve("err")));
        var rounds = ledger.isLong() ? 400 : 40;
        try (var timeline = Timeline.create(directory, config());
                var stdout = OutputPipe.open(fifos.get(0));
                var stderr = OutputPipe.open(fifos.get(1));
                var toStdout = new FileOutputStream(fifos.get(0).toFile());
                var toStderr = new FileOutputStream(fifos.get(1).toFile())) {
            timeline.reserve();
            var isFull = false;
            for (int round = 0; round < rounds; round++) {
                ledger.attempt();
                if (random.nextInt(6) == 0) {
                    if (isFull) {
                        disk.free();
                    } else {
                        disk.fill();
                    }
                    isFull = !isFull;
                }
                var isStdout = random.nextBoolean();
                var data = new byte[1 + random.nextInt(150_000 / (ledger.isLong() ? 10 : 1))];
                random.nextBytes(data);
                (isStdout ? toStdout : toStderr).write(data);
                written.get(isStdout ? 0 : 1).add(data);
                take(timeline, isStdout ? StdStream.STDOUT : StdStream.STDERR, isStdout ? stdout : stderr);
                if (random.nextInt(20) == 0) {
                    timeline.appendState("paused", Map.of());
                }
            }
            var exit = timeline.appendExit(ExitReason.EXITED, 0, 0, "");
            var records = Records.all(timeline);
            check(ledger, records, StdStream.STDOUT, join(written.get(0)));
            check(ledger, records, StdStream.STDERR, join(written.get(1)));
            assertThat(exit.stdoutLength()).isEqualTo(join(written.get(0)).length);
            assertThat(exit.stderrLength()).isEqualTo(join(written.get(1)).length);
            assertThat(exit.stdoutCrc32()).isEqualTo(Records.crc(Records.output(records, StdStream.STDOUT)));
        }
        try (var timeline = Timeline.open(directory, config())) {
            assertThat(timeline.recovery()).isEqualTo(new Timeline.Recovery(0, 0, ""));
        }
    }

    /** As a capture does it that does not wait. */
    private static void take(Timeline timeline, StdStream stream, OutputPipe pipe) throws IOException {
        for (var moved = 1; moved > 0; ) {
            try {
                moved = timeline.appendFrom(stream, pipe);
            } catch (TimelineFullException e) {
                moved = timeline.dropFrom(stream, pipe);
            }
        }
    }

    private static void check(Ledger ledger, List<TimelineRecord> records, StdStream stream, byte[] written) {
        var offset = 0L;
        for (var record : records) {
            if (record instanceof TimelineRecord.Output output && output.stream() == stream) {
                var data = new byte[output.data().remaining()];
                output.data().duplicate().get(data);
                assertThat(output.offset()).isEqualTo(offset);
                assertThat(ByteBuffer.wrap(data))
                        .as("at %d", offset)
                        .isEqualTo(ByteBuffer.wrap(written, (int) offset, data.length));
                offset += data.length;
                ledger.bytes(data.length);
            } else if (record instanceof TimelineRecord.Gap gap) {
                assertThat(gap.reason()).isEqualTo("dropped");
                var isStdout = stream == StdStream.STDOUT;
                assertThat(isStdout ? gap.stdoutFrom() : gap.stderrFrom()).isEqualTo(offset);
                offset = isStdout ? gap.stdoutTo() : gap.stderrTo();
            }
        }
        ledger.lost(written.length - offset);
    }

    private static byte[] join(List<byte[]> pieces) {
        var all = ByteBuffer.allocate(
                pieces.stream().mapToInt(piece -> piece.length).sum());
        pieces.forEach(all::put);
        return all.array();
    }

    @Test
    @Promise({4, 6})
    void onAFullDiskTheEndOrWhatWasDroppedIsNotRecorded(Ledger ledger) throws Exception {
        for (int bytesLeft = 0; bytesLeft < 4096; bytesLeft += ledger.isLong() ? 16 : 256) {
            ledger.attempt();
            var timelineDirectory = disk.root().resolve("timeline" + bytesLeft);
            try (var timeline = Timeline.create(timelineDirectory, config())) {
                timeline.reserve();
                var begun = timeline.sizeBytes();
                var output = new byte[(int) Math.floorMod(4096 - bytesLeft - begun - 40, 4096L) + 1];
                timeline.appendOutput(StdStream.STDOUT, ByteBuffer.wrap(output));
                disk.fill();
                assertThatThrownBy(() -> timeline.appendOutput(StdStream.STDOUT, ByteBuffer.allocate(300_000)))
                        .isInstanceOf(TimelineFullException.class);
                var recorded = timeline.streamLength(StdStream.STDOUT);
                timeline.drop(StdStream.STDOUT, 1000);
                timeline.appendState("draining", Map.of());
                timeline.drop(StdStream.STDERR, 77);
                timeline.appendState("exited", Map.of());
                var exit = timeline.appendExit(ExitReason.EXITED, 7, 0, "message");
                timeline.appendState("removed", Map.of());
                assertThat(exit.stdoutLength()).isEqualTo(recorded + 1000);
                assertThat(exit.stderrLength()).isEqualTo(77);
                var records = Records.all(timeline);
                assertThat(records.stream().filter(record -> record instanceof TimelineRecord.Gap))
                        .extracting("reason", "stdoutFrom", "stdoutTo", "stderrFrom", "stderrTo")
                        .containsExactly(
                                tuple("dropped", recorded, recorded + 1000, 0L, 0L),
                                tuple("dropped", recorded + 1000, recorded + 1000, 0L, 77L));
                ledger.bytes(Records.output(records, StdStream.STDOUT).length);
                timeline.releaseReserve();
            } finally {
                disk.free();
            }
            try (var timeline = Timeline.open(timelineDirectory, config())) {
                assertThat(timeline.recovery().droppedBytes()).isZero();
                assertThat(Records.all(timeline).getLast()).isInstanceOf(TimelineRecord.State.class);
            }
            Records.delete(timelineDirectory);
        }
    }

    @Test
    @Promise({5, 6})
    void aGapLooksExactThoughTheServerWasKilledWhileItDropped(Ledger ledger) throws Exception {
        ledger.attempt();
        var copy = disk.root().resolve("copy");
        try (var timeline = Timeline.create(directory, config())) {
            timeline.reserve();
            timeline.appendOutput(StdStream.STDOUT, Records.bytes("kept"));
            timeline.drop(StdStream.STDOUT, 5000);
            timeline.drop(StdStream.STDERR, 300);
            Records.copy(directory, copy); // as a killed server leaves it
        }
        try (var timeline = Timeline.open(copy, config())) {
            timeline.appendOutput(StdStream.STDOUT, Records.bytes("later"));
            var records = Records.all(timeline);
            var gap = (TimelineRecord.Gap) records.get(1);
            assertThat(gap.reason()).isEqualTo("dropped-at-least");
            assertThat(gap.stdoutFrom()).isEqualTo(4);
            assertThat(gap.stdoutTo()).isEqualTo(5004);
            assertThat(gap.stderrTo()).isEqualTo(300);
            assertThat(((TimelineRecord.Output) records.get(2)).offset()).isEqualTo(5004);
            ledger.bytes(9);
        }
        try (var timeline = Timeline.open(copy, config())) {
            timeline.appendOutput(StdStream.STDOUT, Records.bytes("and on"));
            assertThat(Records.all(timeline)).hasSize(4);
        }
        try (var timeline = Timeline.open(directory, config())) {
            assertThat(((TimelineRecord.Gap) Records.all(timeline).get(1)).reason())
                    .as("of a server that was closed")
                    .isEqualTo("dropped");
        }
    }

    @Test
    @Promise({6})
    void roomInReserveIsGoneAfterARestart(Ledger ledger) throws Exception {
        ledger.attempt();
        Timeline.create(directory, config()).close();
        try (var timeline = Timeline.open(directory, config())) {
            timeline.reserve();
            timeline.appendOutput(StdStream.STDOUT, ByteBuffer.allocate(256 << 10));
            disk.fill();
        }
        try (var timeline = Timeline.open(directory, config())) {
            assertThatThrownBy(() -> timeline.appendOutput(StdStream.STDOUT, ByteBuffer.allocate(64 << 10)))
                    .isInstanceOf(TimelineFullException.class);
            timeline.drop(StdStream.STDOUT, 9);
            assertThat(timeline.appendExit(ExitReason.EXITED, 0, 0, "").stdoutLength())
                    .isEqualTo((256 << 10) + 9);
        }
        assertThat(Files.exists(directory.resolve("reserve"))).isFalse();
        disk.free();
        try (var timeline = Timeline.open(directory, config())) {
            timeline.appendOutput(StdStream.STDOUT, Records.bytes("on"));
            var records = Records.all(timeline);
            ledger.bytes(Records.output(records, StdStream.STDOUT).length);
            assertThat(records.getLast()).isInstanceOf(TimelineRecord.Output.class);
        }
        assertThat(Files.exists(directory.resolve("reserve"))).isTrue();
    }
}
