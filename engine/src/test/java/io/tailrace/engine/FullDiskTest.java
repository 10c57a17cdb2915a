package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.delivery.SmallDisk;
import io.tailrace.log.ExitReason;
import io.tailrace.log.StdStream;
import io.tailrace.runtime.conformance.ScriptedMachine;
import io.tailrace.runtime.conformance.Scripts;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.HealthCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real small file system; skipped where none can be mounted. */
@Timeout(120)
class FullDiskTest {
    private static final int DISK_MIB = 8;
    private static final int SEGMENT_BYTES = 64 << 10;
    private static final int PAGE_BYTES = 4096;
    /** Room for the header of a record, and not for the record. */
    private static final int PAGE_BYTES_LEFT = 60;

    @TempDir
    Path directory;

    private SmallDisk disk;

    @BeforeEach
    void mount() throws Exception {
        disk = SmallDisk.mount(directory.resolve("disk"), DISK_MIB);
    }

    @AfterEach
    void unmount() throws Exception {
        disk.close();
    }

    @Test
    void onAFullDiskTheContainerWaitsAndNothingIsLost() throws Exception {
        try (TestEngine test = TestEngine.open(disk.root())) {
            disk.take((DISK_MIB - 3) << 20);
            int count = 5_000_000;
            Container container = test.start("print", Integer.toString(count));
            await().until(() -> !test.engine().problems().isEmpty());
            assertThat(test.engine().problems()).singleElement().asString().contains("its output waits");
            assertThat(container.status().state()).isEqualTo(ContainerState.RUNNING);
            assertThatThrownBy(() -> test.create("true")).isInstanceOf(EngineException.class);
            disk.free();
            TestEngine.awaitExit(container);
            assertThat(TestEngine.bytes(TestEngine.records(container.process()), StdStream.STDOUT))
                    .isEqualTo(Scripts.pattern(count));
            assertThat(test.engine().problems()).isEmpty();
        }
    }

    @Test
    void aFullDiskKeepsNothingFromBeingDeleted() throws Exception {
        try (TestEngine test = TestEngine.open(disk.root())) {
            Container container = test.run("true");
            container.remove(false);
            disk.fill();
            test.pass(Duration.ofHours(1));
            test.engine().sweep();
            assertThat(test.engine().containers(true)).isEmpty();
            assertThat(disk.root().resolve("data/containers")).isEmptyDirectory();
        }
    }

    @Test
    void aServerStartsOnAFullDiskAndRecordsAnEndWhenThereIsRoom() throws Exception {
        try (TestEngine test = TestEngine.open(disk.root(), FullDiskTest::retryingSoon)) {
            Semaphore mayWrite = new Semaphore(0);
            test.machine().script("fill", process -> {
                while (true) {
                    mayWrite.acquire();
                    process.out(Scripts.pattern(SEGMENT_BYTES));
                }
            });
            Container container = test.start("fill");
            // Until the newest segment is full, so that the next record needs a new one.
            long written = 0;
            do {
                written += SEGMENT_BYTES;
                long expected = written;
                mayWrite.release();
                await().until(() -> container.process().streamLength(StdStream.STDOUT) == expected);
            } while (newestSegmentBytes(container) < SEGMENT_BYTES);
            test.shutDown();
            test.machine().lose(container.id());
            loseReserve(container);
            disk.fill();
            test.startUp();
            await().until(() -> !test.engine().problems().isEmpty());
            assertThat(test.engine().problems())
                    .singleElement()
                    .asString()
                    .contains(container.id(), "the disk is full");
            disk.free();
            assertThat(TestEngine.awaitExit(test.again(container)).reason()).isEqualTo(ExitReason.LOST);
            await().until(() -> test.engine().problems().isEmpty());
        }
    }

    @Test
    void aStartThatFailsWhileTheDiskFillsIsRecordedWhenThereIsRoom() throws Exception {
        try (TestEngine test = TestEngine.open(disk.root())) {
            long[] bytes = new long[1];
            Container measured = labelled(test, "measured", "");
            test.machine().beforeNext(ScriptedMachine.Call.PREPARE, () -> bytes[0] = timelineBytes(measured));
            measured.start();
            // A character more of a label stands in the request and in the spec. In the last page no record has room.
            int padding = (int) Math.floorMod(PAGE_BYTES - PAGE_BYTES_LEFT - bytes[0], (long) PAGE_BYTES) / 2;
            Container container = labelled(test, "measures", "x".repeat(padding));
            test.machine().beforeNext(ScriptedMachine.Call.PREPARE, () -> {
                loseReserve(container);
                disk.fill();
                throw new ContainerRuntimeException(ContainerRuntimeException.Code.INTERNAL, "as scripted");
            });
            assertThatThrownBy(container::start).hasMessageContaining("as scripted");
            assertThat(container.status().state()).isEqualTo(ContainerState.STARTING);
            assertThat(test.engine().problems())
                    .singleElement()
                    .asString()
                    .contains(container.id(), "no space left on device");
            disk.free();
            assertThat(TestEngine.awaitExit(container).reason()).isEqualTo(ExitReason.START_FAILED);
            await().until(() -> test.engine().problems().isEmpty());
            container.start();
            TestEngine.awaitExit(container);
        }
    }

    private static Container labelled(TestEngine test, String name, String label) {
        return test.engine()
                .create(new Request("true")
                        .name(name)
                        .labels(Map.of("padding", label))
                        .build());
    }

    private Path timeline(Container container) {
        return disk.root().resolve("data/containers").resolve(container.id()).resolve("timeline");
    }

    private long timelineBytes(Container container) {
        try (var files = Files.newDirectoryStream(timeline(container), "*.segment")) {
            return Files.size(files.iterator().next());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long newestSegmentBytes(Container container) throws IOException {
        try (Stream<Path> files = Files.list(timeline(container))) {
            return Files.size(files.filter(file -> file.toString().endsWith(".segment"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow());
        }
    }

    private void loseReserve(Container container) {
        try {
            Files.deleteIfExists(timeline(container).resolve("reserve"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void healthResultsTakeNoneOfTheRoomThatAnEndNeeds() throws Exception {
        try (TestEngine test = TestEngine.open(disk.root())) {
            HealthCheck check = new HealthCheck(List.of("CMD", "true"), Duration.ofMillis(5), null, 1, null, null);
            Container container =
                    test.engine().create(new Request("hold").healthCheck(check).build());
            container.start();
            container.await(Container.WaitCondition.HEALTHY, TestEngine.LONG);
            disk.fill();
            await().atMost(TestEngine.LONG)
                    .until(() -> !container.process().problem().isEmpty());
            assertThat(container.process().problem())
                    .contains("what its health check finds is not recorded", "the disk is full");
            assertThat(container.status().state()).isEqualTo(ContainerState.RUNNING);
            container.stop(Duration.ZERO);
            assertThat(TestEngine.awaitExit(container).reason()).isEqualTo(ExitReason.STOPPED);
            disk.free();
        }
    }

    private static EngineConfig retryingSoon(EngineConfig config) {
        return new EngineConfig(
                config.dataDirectory(),
                Duration.ofSeconds(1),
                config.stopGrace(),
                config.drainTimeout(),
                config.timelineBytesMax(),
                SEGMENT_BYTES,
                config.onFullDisk(),
                config.fsync(),
                config.containersMax(),
                config.execsPerContainerMax(),
                config.feedRecordsMax(),
                config.sampling());
    }

    @Test
    void aContainerThatCannotBeMadeLeavesItsDirectoryOnTheFullDisk() throws Exception {
        try (SmallDisk crowded = SmallDisk.mount(directory.resolve("crowded"), DISK_MIB, 12);
                TestEngine test = TestEngine.open(crowded.root())) {
            for (int i = 0; Files.notExists(crowded.root().resolve("last")); i++) {
                try {
                    Files.createFile(crowded.root().resolve("file" + i));
                } catch (IOException e) {
                    Files.delete(crowded.root().resolve("file" + (i - 1)));
                    Files.move(
                            crowded.root().resolve("file" + (i - 2)),
                            crowded.root().resolve("last"));
                }
            }
            for (int tries = 0; tries < 3; tries++) {
                // There is room for its directory, and none for what is in it.
                assertThatThrownBy(() -> test.create("true"))
                        .isInstanceOf(EngineException.class)
                        .extracting("code")
                        .isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
                assertThat(crowded.root().resolve("data/containers")).isEmptyDirectory();
            }
        }
    }
}
