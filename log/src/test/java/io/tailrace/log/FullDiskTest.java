package io.tailrace.log;

import static io.tailrace.log.Records.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A timeline on a file system of its own that is full; needs the right to mount one. */
@Timeout(60)
class FullDiskTest {
    @TempDir
    private Path temporary;

    private Path disk;
    private Path ballast;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(temporary.resolve("disk"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString()), "cannot mount");
        ballast = disk.resolve("ballast");
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", "-l", disk.toString());
    }

    @Test
    void anAppendThatDoesNotFitLeavesNothingAndALaterOneSucceeds() throws Exception {
        try (var timeline = Timeline.create(disk.resolve("timeline"), TimelineConfig.defaults())) {
            timeline.appendState("running", Map.of());
            Files.write(ballast, new byte[700 << 10]);
            var data = new byte[500 << 10];
            new Random(5).nextBytes(data);
            var buffer = ByteBuffer.wrap(data);
            assertThatThrownBy(() -> timeline.appendOutput(StdStream.STDOUT, buffer))
                    .isInstanceOf(TimelineFullException.class);
            var recorded = buffer.position();
            assertThat(timeline.streamLength(StdStream.STDOUT)).isEqualTo(recorded);
            assertThatThrownBy(() -> timeline.appendMessage("topic", ByteBuffer.allocate(100 << 10)))
                    .isInstanceOf(TimelineFullException.class);
            Files.delete(ballast);
            timeline.appendOutput(StdStream.STDOUT, buffer);
            timeline.appendState("stopped", Map.of());
            check(timeline, data);
        }
        try (var timeline = Timeline.open(disk.resolve("timeline"), TimelineConfig.defaults())) {
            assertThat(timeline.recovery()).isEqualTo(new Timeline.Recovery(0, 0, ""));
        }
    }

    @Test
    void outputThatDoesNotFitStaysInItsPipe() throws Exception {
        var fifo = Fifo.make(temporary.resolve("fifo"));
        try (var timeline = Timeline.create(disk.resolve("timeline"), TimelineConfig.defaults());
                var pipe = OutputPipe.open(fifo);
                var writer = new FileOutputStream(fifo.toFile())) {
            var data = new byte[300 << 10];
            new Random(6).nextBytes(data);
            writer.write(data);
            Files.write(ballast, new byte[900 << 10]);
            assertThatThrownBy(() -> {
                        while (timeline.appendFrom(StdStream.STDOUT, pipe) > 0) {
                            // until it is full
                        }
                    })
                    .isInstanceOf(TimelineFullException.class);
            assertThat(timeline.streamLength(StdStream.STDOUT)).isLessThan(data.length);
            Files.delete(ballast);
            var isMoving = true;
            while (isMoving) {
                isMoving = timeline.appendFrom(StdStream.STDOUT, pipe) > 0;
            }
            check(timeline, data);
        }
    }

    @Test
    void aSegmentThatCannotBeBegunIsBegunLater() throws Exception {
        var directory = disk.resolve("timeline");
        try (var timeline = Timeline.create(directory, Configs.withSmallSegments())) {
            timeline.appendOutput(StdStream.STDERR, ByteBuffer.allocate(70_000));
            timeline.appendOutput(StdStream.STDERR, bytes("x"));
            fill();
            assertThatThrownBy(() -> timeline.appendOutput(StdStream.STDERR, ByteBuffer.allocate(200_000)))
                    .isInstanceOf(TimelineFullException.class);
            var last = timeline.lastSequence();
            Files.delete(ballast);
            assertThat(timeline.appendOutput(StdStream.STDERR, bytes("y"))).isEqualTo(last + 1);
            assertThat(Records.all(timeline)).hasSize((int) last + 1);
        }
        try (var timeline = Timeline.open(directory, Configs.withSmallSegments())) {
            assertThat(timeline.recovery()).isEqualTo(new Timeline.Recovery(0, 0, ""));
        }
    }

    private static void check(Timeline timeline, byte[] data) throws IOException {
        assertThat(Records.output(Records.all(timeline), StdStream.STDOUT)).isEqualTo(data);
        assertThat(timeline.appendExit(ExitReason.EXITED, 0, 0, "").stdoutCrc32())
                .isEqualTo(Records.crc(data));
    }

    private void fill() {
        try (var file = new FileOutputStream(ballast.toFile())) {
            while (true) {
                file.write(new byte[4096]);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    private static boolean run(String... command) throws Exception {
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    }
}
