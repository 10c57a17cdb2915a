package io.tailrace.log;

import static io.tailrace.log.Records.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.delivery.SmallDisk;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
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

    private SmallDisk disk;
    private Path directory;

    @BeforeEach
    void mount() throws Exception {
        disk = SmallDisk.mount(temporary.resolve("disk"), 1);
        directory = disk.root().resolve("timeline");
    }

    @AfterEach
    void unmount() throws Exception {
        disk.close();
    }

    @Test
    void anAppendThatDoesNotFitLeavesNothingAndALaterOneSucceeds() throws Exception {
        try (var timeline = Timeline.create(directory, TimelineConfig.defaults())) {
            timeline.appendState("running", Map.of());
            disk.take(700 << 10);
            var data = new byte[500 << 10];
            new Random(5).nextBytes(data);
            var buffer = ByteBuffer.wrap(data);
            assertThatThrownBy(() -> timeline.appendOutput(StdStream.STDOUT, buffer))
                    .isInstanceOf(TimelineFullException.class);
            var recorded = buffer.position();
            assertThat(timeline.streamLength(StdStream.STDOUT)).isEqualTo(recorded);
            assertThatThrownBy(() -> timeline.appendMessage("topic", ByteBuffer.allocate(100 << 10)))
                    .isInstanceOf(TimelineFullException.class);
            disk.free();
            timeline.appendOutput(StdStream.STDOUT, buffer);
            timeline.appendState("stopped", Map.of());
            check(timeline, data);
        }
        try (var timeline = Timeline.open(directory, TimelineConfig.defaults())) {
            assertThat(timeline.recovery()).isEqualTo(new Timeline.Recovery(0, 0, ""));
        }
    }

    @Test
    void outputThatDoesNotFitStaysInItsPipe() throws Exception {
        var fifo = Fifo.make(temporary.resolve("fifo"));
        try (var timeline = Timeline.create(directory, TimelineConfig.defaults());
                var pipe = OutputPipe.open(fifo);
                var writer = new FileOutputStream(fifo.toFile())) {
            var data = new byte[300 << 10];
            new Random(6).nextBytes(data);
            writer.write(data);
            disk.take(900 << 10);
            assertThatThrownBy(() -> {
                        while (timeline.appendFrom(StdStream.STDOUT, pipe) > 0) {
                            // until it is full
                        }
                    })
                    .isInstanceOf(TimelineFullException.class);
            assertThat(timeline.streamLength(StdStream.STDOUT)).isLessThan(data.length);
            disk.free();
            var isMoving = true;
            while (isMoving) {
                isMoving = timeline.appendFrom(StdStream.STDOUT, pipe) > 0;
            }
            check(timeline, data);
        }
    }

    @Test
    void aSegmentThatCannotBeBegunIsBegunLater() throws Exception {
        try (var timeline = Timeline.create(directory, Configs.withSmallSegments())) {
            timeline.appendOutput(StdStream.STDERR, ByteBuffer.allocate(70_000));
            timeline.appendOutput(StdStream.STDERR, bytes("x"));
            disk.fill();
            assertThatThrownBy(() -> timeline.appendOutput(StdStream.STDERR, ByteBuffer.allocate(200_000)))
                    .isInstanceOf(TimelineFullException.class);
            var last = timeline.lastSequence();
            disk.free();
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

    @Test
    void aTimelineForWhichThereIsNoDirectoryLeftFailsAsIfTheDiskWereBroken() throws Exception {
        try (var crowded = SmallDisk.mount(temporary.resolve("crowded"), 1, 3)) {
            var parent = crowded.root().resolve("parent");
            assertThatThrownBy(() -> Timeline.create(parent.resolve("a/b"), TimelineConfig.defaults()))
                    .isInstanceOf(TimelineFullException.class)
                    .hasMessageContaining("parent/a/b");
            Files.delete(parent.resolve("a"));
            Disk.makeDirectories(parent.resolve("a"), false);
            Disk.makeDirectories(parent.resolve("a"), false); // is there
            Disk.move(parent.resolve("a"), parent.resolve("b"));
            assertThatThrownBy(() -> Disk.move(parent.resolve("a"), parent.resolve("c")))
                    .isInstanceOf(NoSuchFileException.class);
            assertThat(parent.resolve("b")).isEmptyDirectory();
            assertThatThrownBy(() -> Files.createDirectory(parent.resolve("c"))).isInstanceOf(IOException.class);
            Files.delete(parent.resolve("b"));
            Files.createFile(parent.resolve("file"));
            assertThatThrownBy(() -> Disk.makeDirectories(parent.resolve("file/a"), false))
                    .isInstanceOf(FileAlreadyExistsException.class);
        }
    }
}
