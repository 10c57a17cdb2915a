package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong in the server itself, or is refused to it: nothing is lost, and nothing stays open. */
@Timeout(60)
class BrokenServerTest {
    @TempDir
    private Path temporary;

    private final AtomicInteger checkpointBytes = new AtomicInteger(100);
    private Path directory;
    private FailingDisk disk;

    @BeforeEach
    void watch() throws Exception {
        directory = Files.createDirectory(temporary.resolve("data")).resolve("timeline");
        disk = FailingDisk.under(temporary.resolve("data"));
    }

    @AfterEach
    void unwatch() {
        disk.close();
    }

    private TimelineConfig config(TimelineConfig.Fsync fsync) {
        return new TimelineConfig(
                64 << 10,
                Long.MAX_VALUE,
                Duration.ZERO,
                32 << 10,
                fsync,
                Clock.systemUTC(),
                () -> new byte[checkpointBytes.get()]);
    }

    private static FailingDisk.Rule errorIn(Disk.Call wanted) {
        return (call, file, position, length) -> {
            if (call == wanted) {
                throw new StackOverflowError("simulated");
            }
            return 0;
        };
    }

    @Test
    void anErrorInTheMiddleOfAnAppendLosesOrDoublesOutput() throws Exception {
        var fifo = Fifo.make(temporary.resolve("fifo"));
        try (var timeline = Timeline.create(directory, config(TimelineConfig.Fsync.ALWAYS));
                var pipe = OutputPipe.open(fifo);
                var process = new FileOutputStream(fifo.toFile())) {
            for (var call : List.of(Disk.Call.READ, Disk.Call.WRITE, Disk.Call.SYNC)) {
                var name = call.name();
                process.write(name.getBytes(StandardCharsets.UTF_8));
                disk.fail(errorIn(call));
                assertThatThrownBy(() -> timeline.appendFrom(StdStream.STDOUT, pipe))
                        .isInstanceOf(StackOverflowError.class);
                if (call != Disk.Call.READ) {
                    assertThatThrownBy(() -> timeline.appendState("paused", Map.of()))
                            .isInstanceOf(StackOverflowError.class);
                    var data = Records.bytes("no");
                    assertThatThrownBy(() -> timeline.appendOutput(StdStream.STDERR, data))
                            .isInstanceOf(StackOverflowError.class);
                }
                disk.mend();
                timeline.appendFrom(StdStream.STDOUT, pipe);
                timeline.appendState("running", Map.of());
            }
            var whole = "READWRITESYNC".getBytes(StandardCharsets.UTF_8);
            assertThat(Records.output(Records.all(timeline), StdStream.STDOUT)).isEqualTo(whole);
            assertThat(timeline.streamLength(StdStream.STDERR)).isZero();
            assertThat(timeline.appendExit(ExitReason.EXITED, 0, 0, "").stdoutCrc32())
                    .isEqualTo(Records.crc(whole));
        }
        try (var timeline = Timeline.open(directory, config(TimelineConfig.Fsync.ALWAYS))) {
            assertThat(timeline.recovery().detail()).isEmpty();
            assertThat(Records.all(timeline).getLast()).isInstanceOf(TimelineRecord.Exit.class);
        }
    }

    @Test
    void whatWasWrittenAndIsNotPublishedIsOverwrittenByWhatComesNext() throws Exception {
        var fifo = Fifo.make(temporary.resolve("fifo"));
        var header = SegmentHeader.first(Disk.realBootId(), 1, config(TimelineConfig.Fsync.NEVER));
        var segment = Segment.create(temporary, header);
        try (var writer = new SegmentWriter(segment);
                var buffer = NativeBuffer.borrow();
                var pipe = OutputPipe.open(fifo);
                var process = new FileOutputStream(fifo.toFile())) {
            process.write(new byte[] {1, 2, 3});
            var source = pipe.lease();
            var open = RecordHeader.open(StdStream.STDOUT, 1, 1, 0);
            var sealed = writer.move(segment.begin(), open, source.number(), buffer);
            source.release();
            assertThat(writer.tidy(segment.begin(), buffer)).isEqualTo(sealed);
            assertThat(buffer.bytes.get(2)).isEqualTo((byte) 3);
            writer.published();
            assertThat(writer.tidy(segment.begin(), buffer)).isNull();
            var end = segment.begin().after(sealed, Files.size(segment.file()));
            var payload = Payload.message("topic", Records.bytes("text"));
            var message = new RecordHeader(
                    RecordHeader.MESSAGE, (byte) 0, false, payload.remaining(), 2, 1, 0, Checksum.of(payload));
            writer.write(end, message, payload, buffer);
            assertThat(writer.tidy(end, buffer)).isNull();
            assertThat(Files.size(segment.file())).isEqualTo(end.position());
        }
    }

    @Test
    void aTimelineThatAnErrorKeptFromOpeningIsTakenForOneThatIsOpen() throws Exception {
        try (var timeline = Timeline.create(directory, config(TimelineConfig.Fsync.LIFECYCLE))) {
            timeline.appendState("created", Map.of());
        }
        for (var call : List.of(Disk.Call.LIST, Disk.Call.READ, Disk.Call.SYNC)) {
            disk.fail(errorIn(call));
            assertThatThrownBy(() -> Timeline.open(directory, config(TimelineConfig.Fsync.LIFECYCLE)))
                    .isInstanceOf(StackOverflowError.class);
            assertThat(disk.open()).as("%s", call).isEmpty();
            disk.mend();
        }
        Timeline.open(directory, config(TimelineConfig.Fsync.LIFECYCLE)).close();
    }

    @Test
    void aCheckpointThatIsTooLongLeavesFilesOpen() throws Exception {
        var timeline = Timeline.create(directory, config(TimelineConfig.Fsync.NEVER));
        timeline.appendOutput(StdStream.STDOUT, ByteBuffer.allocate(64 << 10));
        timeline.drop(StdStream.STDOUT, 5);
        checkpointBytes.set(Timeline.CHECKPOINT_BYTES_MAX + 1);
        timeline.close();
        assertThat(disk.open()).isEmpty();
        checkpointBytes.set(0);
        try (var next = Timeline.open(directory, config(TimelineConfig.Fsync.NEVER))) {
            next.appendState("exited", Map.of());
            assertThat(Records.all(next).get(1)).isInstanceOf(TimelineRecord.Gap.class);
        }
    }

    @Test
    void nothingCanBeRecordedWhereRoomCannotBeSetAside() throws Exception {
        for (var error : List.of(Linux.EOPNOTSUPP, Linux.ENOSYS, Linux.EPERM, Linux.EINVAL)) {
            var own = directory.resolveSibling("timeline" + error);
            FailingDisk.Rule refused = (call, file, position, length) ->
                    call == Disk.Call.WRITE && file.startsWith(Reserve.FILE_NAME) ? error : 0;
            disk.fail(refused);
            try (var timeline = Timeline.create(own, config(TimelineConfig.Fsync.NEVER))) {
                timeline.reserve();
                timeline.appendOutput(StdStream.STDOUT, Records.bytes("one"));
                timeline.drop(StdStream.STDOUT, 7);
                timeline.appendOutput(StdStream.STDOUT, Records.bytes("two"));
                assertThat(timeline.streamLength(StdStream.STDOUT)).isEqualTo(13);
                assertThat(own.resolve(Reserve.FILE_NAME)).doesNotExist();
            }
            disk.mend();
            try (var timeline = Timeline.open(own, config(TimelineConfig.Fsync.NEVER))) {
                timeline.reserve(); // now it can be
                disk.fail(refused);
                timeline.drop(StdStream.STDOUT, 7);
                timeline.appendOutput(StdStream.STDOUT, Records.bytes("three"));
                disk.mend();
            }
        }
    }

    @Test
    void aPowerCutTakesATimelineWithTheDirectoryItIsIn() throws Exception {
        var synced = new ArrayList<String>();
        disk.fail((call, file, position, length) -> {
            if (call == Disk.Call.SYNC) {
                synced.add(file);
            }
            return 0;
        });
        Timeline.create(directory.resolve("a/b"), config(TimelineConfig.Fsync.ALWAYS))
                .close();
        assertThat(synced).contains("data", "timeline", "a", "b");
    }
}
