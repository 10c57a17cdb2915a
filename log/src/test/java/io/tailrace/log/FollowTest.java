package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many readers of one timeline while it is written. */
@Timeout(120)
class FollowTest {
    private static final Duration WAIT = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @Test
    void everyFollowerGetsTheSameRecordsWheneverItStarted() throws Exception {
        follow(50, 4_000, 2_000);
    }

    @Test
    void aThousandFollowersOfOneWriterGetEverything() throws Exception {
        follow(1_000, 300, 20_000);
    }

    @Test
    void aReaderThatDoesNotReadHoldsUpNobody() throws Exception {
        try (var timeline = Timeline.create(directory, Configs.withSmallSegments());
                var stalled = timeline.read(1);
                var live = timeline.read(1)) {
            for (int i = 0; i < 1_000; i++) {
                timeline.appendOutput(StdStream.STDOUT, ByteBuffer.allocate(5_000));
                assertThat(live.poll()).isNotNull();
            }
            for (int i = 1; i <= 1_000; i++) {
                var record = stalled.poll();
                assertThat(record).isNotNull();
                assertThat(record.sequence()).isEqualTo(i);
            }
        }
    }

    private void follow(int readers, int records, int bytesMax) throws Exception {
        var seed = System.nanoTime();
        var random = new Random(seed);
        var all = new CRC32();
        try (var timeline = Timeline.create(directory, Configs.withSmallSegments());
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var results = new ArrayList<Future<Long>>();
            for (int i = 0; i < records; i++) {
                while (results.size() < (long) readers * (i + 1) / records) {
                    results.add(executor.submit(reading(timeline)));
                }
                var chunk = new byte[1 + random.nextInt(bytesMax)];
                random.nextBytes(chunk);
                all.update(chunk);
                timeline.appendOutput(i % 3 == 0 ? StdStream.STDERR : StdStream.STDOUT, ByteBuffer.wrap(chunk));
            }
            timeline.appendExit(ExitReason.EXITED, 0, 0, "");
            assertThat(crcs(results)).as("seed %d", seed).hasSize(readers).containsOnly(all.getValue());
        }
    }

    private static List<Long> crcs(List<Future<Long>> results) throws Exception {
        var crcs = new ArrayList<Long>();
        for (var result : results) {
            crcs.add(result.get());
        }
        return crcs;
    }

    /** Reads to the exit. @return the checksum of all output in order */
    private static Callable<Long> reading(Timeline timeline) {
        return () -> {
            var crc = new CRC32();
            try (var reader = timeline.read(1)) {
                for (long sequence = 1; ; sequence++) {
                    var record = reader.next(WAIT);
                    if (record == null || record.sequence() != sequence) {
                        throw new IOException("%s (expected: sequence %d)".formatted(record, sequence));
                    }
                    if (record instanceof TimelineRecord.Exit) {
                        return crc.getValue();
                    }
                    crc.update(((TimelineRecord.Output) record).data().duplicate());
                }
            }
        };
    }
}
