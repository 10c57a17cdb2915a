package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server is killed with SIGKILL while output passes through it. */
@Timeout(600)
class KilledServerTest {
    /** Raise it to hunt: -Dtailrace.kills=500. */
    private static final int KILLS = Integer.getInteger("tailrace.kills", 8);

    private static final int KILL_DELAY_MICROS_MAX = 150_000;
    private static final int WRITE_BYTES_MAX = 100_000;

    @TempDir
    private Path directory;

    @Test
    void everyByteIsRecordedOnceHoweverOftenTheServerIsKilled() throws Exception {
        var seed = Long.getLong("tailrace.seed", System.nanoTime());
        var random = new Random(seed);
        var fifo = Fifo.make(directory.resolve("fifo"));
        var timelineDirectory = directory.resolve("timeline");
        var isEnough = new AtomicBoolean();
        var sealed = 0;
        // Opened for reading and writing, so that the FIFO and what is in it live while no server does.
        try (var held = new RandomAccessFile(fifo.toFile(), "rw");
                var executor = Executors.newSingleThreadExecutor()) {
            var written = executor.submit(() -> write(held, new Random(seed), isEnough));
            for (int kill = 0; kill < KILLS; kill++) {
                sealed += startAndKill(timelineDirectory, fifo, random) ? 1 : 0;
            }
            isEnough.set(true);
            try (var timeline = Timeline.open(timelineDirectory, Configs.withSmallSegments());
                    var pipe = OutputPipe.open(fifo)) {
                drain(timeline, pipe, written);
                System.out.printf(
                        "seed %d: %d kills, %d found a record to seal, %d bytes%n",
                        seed, KILLS, sealed, timeline.streamLength(StdStream.STDOUT));
                assertThat(timeline.recovery().droppedBytes())
                        .as("seed %d", seed)
                        .isZero();
                assertThat(timeline.streamLength(StdStream.STDOUT))
                        .as("seed %d", seed)
                        .isEqualTo(written.get());
                var exit = timeline.appendExit(ExitReason.EXITED, 0, 0, "");
                var expected = crcOfBytes(new Random(seed), written.get());
                assertThat(exit.stdoutCrc32()).as("seed %d", seed).isEqualTo(expected);
                assertThat(crcOfRecords(timeline)).as("seed %d", seed).isEqualTo(expected);
            }
        }
    }

    private static void drain(Timeline timeline, OutputPipe pipe, Future<Long> written) throws Exception {
        while (true) {
            var isLast = written.isDone();
            var moved = timeline.appendFrom(StdStream.STDOUT, pipe);
            if (moved <= 0 && isLast) {
                return;
            }
        }
    }

    /** @return whether it found output to seal */
    private boolean startAndKill(Path timeline, Path fifo, Random random) throws Exception {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Drainer.class.getName(),
                        timeline.toString(),
                        fifo.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            var ready = output.readLine();
            assertThat(ready).startsWith("ready ").contains("droppedBytes=0");
            TimeUnit.MICROSECONDS.sleep(random.nextInt(KILL_DELAY_MICROS_MAX));
            return !ready.contains("sealedBytes=0");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** Writes random bytes in random pieces. @return how many */
    private static long write(RandomAccessFile to, Random random, AtomicBoolean isEnough) throws IOException {
        var sizes = new Random(random.nextLong());
        var written = 0L;
        while (!isEnough.get()) {
            var piece = new byte[1 + (int) Math.pow(WRITE_BYTES_MAX, sizes.nextDouble())];
            random.nextBytes(piece);
            to.write(piece);
            written += piece.length;
        }
        return written;
    }

    private static long crcOfBytes(Random random, long length) {
        var sizes = new Random(random.nextLong());
        var crc = new CRC32();
        for (long done = 0; done < length; ) {
            var piece = new byte[1 + (int) Math.pow(WRITE_BYTES_MAX, sizes.nextDouble())];
            random.nextBytes(piece);
            crc.update(piece);
            done += piece.length;
        }
        return crc.getValue();
    }

    private static long crcOfRecords(Timeline timeline) throws IOException {
        var crc = new CRC32();
        try (var reader = timeline.read(1)) {
            for (var record = reader.poll(); record != null; record = reader.poll()) {
                if (record instanceof TimelineRecord.Output output) {
                    crc.update(output.data().duplicate());
                }
            }
        }
        return crc.getValue();
    }
}
