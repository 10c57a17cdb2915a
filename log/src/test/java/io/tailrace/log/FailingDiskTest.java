package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Disks that fail in the middle of something: what was recorded before and is recorded after stays. */
@Timeout(60)
class FailingDiskTest {
    private static final int EIO = 5;
    private static final int EMFILE = 24;
    private static final FailingDisk.Rule FULL =
            (call, file, position, length) -> call == Disk.Call.WRITE && file.endsWith(".segment") ? Linux.ENOSPC : 0;
    /** Without room, and what is in reserve cannot be synced. */
    private static final FailingDisk.Rule FULL_AND_FAILING =
            (call, file, position, length) -> call == Disk.Call.SYNC ? EIO : FULL.error(call, file, position, length);

    @TempDir
    private Path temporary;

    private Path directory;
    private FailingDisk disk;

    @BeforeEach
    void watch() {
        directory = temporary.resolve("timeline");
        disk = FailingDisk.under(temporary);
    }

    @AfterEach
    void unwatch() {
        disk.close();
    }

    private static TimelineConfig config() {
        return new TimelineConfig(
                256 << 10,
                Long.MAX_VALUE,
                Duration.ZERO,
                32 << 10,
                TimelineConfig.Fsync.LIFECYCLE,
                Clock.systemUTC(),
                () -> new byte[0]);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String output(Timeline timeline) throws IOException {
        return new String(Records.output(Records.all(timeline), StdStream.STDOUT), StandardCharsets.US_ASCII);
    }

    @Test
    void whatIsRecordedAfterTheRoomInReserveCouldNotBeUsedIsGoneAfterARestart() throws Exception {
        try (var timeline = Timeline.create(directory, config())) {
            timeline.appendOutput(StdStream.STDOUT, bytes("before "));
            disk.fail(FULL_AND_FAILING);
            assertThatThrownBy(() -> timeline.appendState("paused", Map.of())).isInstanceOf(IOException.class);
            disk.mend();
            timeline.appendOutput(StdStream.STDOUT, bytes("after"));
            timeline.appendState("paused", Map.of());
            assertThat(output(timeline)).isEqualTo("before after");
        }
        try (var timeline = Timeline.open(directory, config())) {
            assertThat(output(timeline)).isEqualTo("before after");
            assertThat(timeline.lastSequence()).isEqualTo(3);
        }
    }

    @Test
    void theRoomInReserveIsLostWhenFileDescriptorsHaveRunOutAsItIsNeeded() throws Exception {
        try (var timeline = Timeline.create(directory, config())) {
            timeline.appendOutput(StdStream.STDOUT, bytes("before"));
            FailingDisk.Rule full = (call, file, position, length) -> call == Disk.Call.WRITE
                            && !file.endsWith("2.segment")
                            && !file.endsWith(".new")
                            && !file.equals(Reserve.FILE_NAME)
                    ? Linux.ENOSPC
                    : 0;
            disk.fail((call, file, position, length) ->
                    call == Disk.Call.OPEN ? EMFILE : full.error(call, file, position, length));
            assertThatThrownBy(() -> timeline.appendState("paused", Map.of())).isInstanceOf(IOException.class);
            disk.fail(full);
            timeline.appendState("paused", Map.of());
        }
        try (var timeline = Timeline.open(directory, config())) {
            assertThat(timeline.lastSequence()).isEqualTo(2);
            assertThat(timeline.recovery().detail()).isEmpty();
        }
    }

    @Test
    void damageIsCalledSomethingElseWhenTheServerThatFoundItIsKilled() throws Exception {
        try (var timeline = Timeline.create(directory, config())) {
            timeline.appendState("created", Map.of());
            timeline.appendState("starting", Map.of());
        }
        var segment = Segment.file(directory, 1);
        var content = Files.readAllBytes(segment);
        content[content.length - 1] ^= 1;
        Files.write(segment, content);
        var found = temporary.resolve("killed");
        var timeline = Timeline.open(directory, config());
        Records.copy(directory, found);
        timeline.close();
        try (var next = Timeline.open(found, config())) {
            next.appendState("starting", Map.of());
            assertThat(Records.all(next))
                    .filteredOn(record -> record instanceof TimelineRecord.Gap)
                    .singleElement()
                    .extracting("reason")
                    .isEqualTo(Drops.DAMAGED_AT_LEAST);
        }
    }

    @Test
    void theFirstRecordsAreGoneWhenTheRoomInReserveCouldNotBeUsedForThem() throws Exception {
        try (var timeline = Timeline.create(directory, config())) {
            timeline.reserve();
            disk.fail(FULL_AND_FAILING);
            assertThatThrownBy(() -> timeline.appendState("created", Map.of())).isInstanceOf(IOException.class);
            disk.mend();
            timeline.appendState("created", Map.of());
            timeline.appendOutput(StdStream.STDOUT, bytes("first"));
            assertThat(output(timeline)).isEqualTo("first");
        }
        try (var timeline = Timeline.open(directory, config())) {
            assertThat(output(timeline)).isEqualTo("first");
        }
    }

    @Test
    void outputThatCouldNotBeSealedIsForgottenWhenAStateUsesTheRoomInReserve() throws Exception {
        var fifo = Fifo.make(temporary.resolve("fifo"));
        try (var timeline = Timeline.create(directory, config());
                var pipe = OutputPipe.open(fifo);
                var process = new FileOutputStream(fifo.toFile())) {
            timeline.reserve();
            process.write("words".getBytes(StandardCharsets.US_ASCII));
            // As a file system does that never writes over anything: the header takes room each time.
            var headers = new int[1];
            disk.fail((call, file, position, length) -> call == Disk.Call.WRITE
                            && file.endsWith(".segment")
                            && length == RecordHeader.BYTES
                            && headers[0]++ > 0
                    ? Linux.ENOSPC
                    : 0);
            assertThatThrownBy(() -> timeline.appendFrom(StdStream.STDOUT, pipe))
                    .isInstanceOf(TimelineFullException.class);
            assertThatThrownBy(() -> timeline.appendState("paused", Map.of()))
                    .isInstanceOf(TimelineFullException.class);
            disk.mend();
            timeline.appendState("paused", Map.of());
            assertThat(output(timeline)).isEqualTo("words");
        }
        try (var timeline = Timeline.open(directory, config())) {
            assertThat(output(timeline)).isEqualTo("words");
        }
    }

    @Test
    void recordsAfterARebootAreInAFileThatAPowerCutTakesAway() throws Exception {
        Timeline.create(directory, config()).close();
        var synced = new ArrayList<String>();
        disk.fail((call, file, position, length) -> {
            if (call == Disk.Call.SYNC) {
                synced.add(file);
            }
            return 0;
        });
        try (var timeline = Timeline.open(directory, config(), new UUID(1, 2))) {
            assertThat(timeline.lastSequence()).isZero();
            assertThat(synced).contains("timeline");
        }
    }

    @Test
    void recordsInASegmentThatAKilledServerHadOnlyBegunAreTakenAwayByAPowerCut() throws Exception {
        try (var timeline = Timeline.create(directory, config())) {
            timeline.appendOutput(StdStream.STDOUT, ByteBuffer.allocate(256 << 10));
            disk.fail((call, file, position, length) -> call == Disk.Call.SYNC ? EIO : 0);
            assertThatThrownBy(() -> timeline.appendState("running", Map.of())).isInstanceOf(IOException.class);
            disk.mend();
        }
        var synced = new ArrayList<String>();
        disk.fail((call, file, position, length) -> {
            if (call == Disk.Call.SYNC) {
                synced.add(file);
            }
            return 0;
        });
        try (var timeline = Timeline.open(directory, config())) {
            assertThat(timeline.checkpointSequence()).isEqualTo(5);
            assertThat(synced).contains("timeline", "00000000000000000001.segment", "00000000000000000005.segment");
        }
    }

    @Test
    void readersWaitForEverForATimelineThatWasNotClosedInOrder() throws Exception {
        var timeline = Timeline.create(directory, config());
        timeline.appendState("created", Map.of());
        try (var reader = timeline.read(2)) {
            disk.fail((call, file, position, length) -> call == Disk.Call.SYNC ? EIO : 0);
            assertThatThrownBy(timeline::close).isInstanceOf(IOException.class);
            assertThat(reader.isClosed()).isTrue();
            assertThat(reader.next(Duration.ofDays(1))).isNull();
        }
    }

    @Test
    void aClosedTimelineLeavesFilesInADirectoryThatIsSomebodyElses() throws Exception {
        var fifo = Fifo.make(temporary.resolve("fifo"));
        var timeline = Timeline.create(directory, config());
        timeline.close();
        try (var pipe = OutputPipe.open(fifo);
                var process = new FileOutputStream(fifo.toFile())) {
            process.write(1);
            assertThatThrownBy(timeline::reserve).isInstanceOf(TimelineClosedException.class);
            assertThatThrownBy(() -> timeline.appendFrom(StdStream.STDOUT, pipe))
                    .isInstanceOf(TimelineClosedException.class);
        }
        try (var next = Timeline.open(directory, config())) {
            next.reserve();
            timeline.releaseReserve();
            assertThat(directory.resolve(Reserve.FILE_NAME)).exists();
        }
    }
}
