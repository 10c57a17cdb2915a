package io.tailrace.bench.log;

import io.tailrace.log.OutputPipe;
import io.tailrace.log.StdStream;
import io.tailrace.log.Timeline;
import io.tailrace.log.TimelineConfig;
import io.tailrace.log.TimelineRecord;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Appending and reading in chunks of 64 KiB, next to a plain file. Each invocation does the same work both ways, so
 * that both see the same machine; what counts is the ratio that is printed at the end, not the time of the pair.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3)
@Measurement(iterations = 15)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xmx512m"})
public class TimelineBenchmark {
    private static final int CHUNK_BYTES = Timeline.OUTPUT_BYTES_MAX;
    private static final int CHUNKS = 2_048;
    private static final long BYTES = (long) CHUNKS * CHUNK_BYTES;

    private final Ratio append = new Ratio("append", BYTES);
    private final Ratio capture = new Ratio("capture", BYTES);
    private final Ratio read = new Ratio("read", BYTES);
    private final Ratio readAgainstForgetting = new Ratio("read, plain into one buffer", BYTES);
    private ByteBuffer chunk = ByteBuffer.allocateDirect(0);
    private Path directory = Path.of("");
    private @Nullable Timeline source;

    /** Makes a place to work in and something to read. */
    @Setup
    public void prepare() throws IOException, InterruptedException {
        directory = Files.createTempDirectory("timeline-benchmark");
        var bytes = new byte[CHUNK_BYTES];
        new Random(1).nextBytes(bytes);
        if (new ProcessBuilder("mkfifo", fifo().toString()).start().waitFor() != 0) {
            throw new IOException("mkfifo " + fifo());
        }
        chunk = ByteBuffer.allocateDirect(CHUNK_BYTES).put(bytes).flip();
        appendAll(directory.resolve("source"));
        source = Timeline.open(directory.resolve("source"), TimelineConfig.defaults());
        PlainFile.write(directory.resolve("source.plain"), chunk, CHUNKS);
    }

    /** Prints the ratios and removes everything. */
    @TearDown
    public void finish() throws IOException {
        System.out.printf("%n%s%n%s%n%s%n%s%n", append, capture, read, readAgainstForgetting);
        Objects.requireNonNull(source).close();
        delete(directory);
    }

    /** Appends to a new timeline, then writes a new file. */
    @Benchmark
    public void append() throws IOException {
        var timeline = directory.resolve("timeline");
        var plain = directory.resolve("plain");
        var begin = System.nanoTime();
        appendAll(timeline);
        var middle = System.nanoTime();
        PlainFile.write(plain, chunk, CHUNKS);
        append.add(middle - begin, System.nanoTime() - middle);
        delete(timeline);
        delete(plain);
    }

    /** Reads a timeline from begin to end with all its checks, then a file. */
    @Benchmark
    public long read() throws IOException {
        var begin = System.nanoTime();
        var total = readAll();
        var middle = System.nanoTime();
        total -= PlainFile.read(directory.resolve("source.plain"), CHUNK_BYTES);
        var end = System.nanoTime();
        PlainFile.readAndForget(directory.resolve("source.plain"), chunk);
        read.add(middle - begin, end - middle);
        readAgainstForgetting.add(middle - begin, System.nanoTime() - end);
        if (total != 0) {
            throw new IOException("%d bytes of difference".formatted(total));
        }
        return total;
    }

    /** Moves output from a pipe into a timeline, then into a file by way of an array. */
    @Benchmark
    public void capture() throws IOException, InterruptedException {
        var timeline = directory.resolve("timeline");
        var plain = directory.resolve("plain");
        var begin = System.nanoTime();
        captureAll(timeline);
        var middle = System.nanoTime();
        var writer = startWriting();
        try (var from = new FileInputStream(fifo().toFile());
                var to = new FileOutputStream(plain.toFile())) {
            from.transferTo(to);
        }
        writer.join();
        capture.add(middle - begin, System.nanoTime() - middle);
        delete(timeline);
        delete(plain);
    }

    private void captureAll(Path path) throws IOException, InterruptedException {
        try (var timeline = Timeline.create(path, TimelineConfig.defaults());
                var pipe = OutputPipe.open(fifo());
                var poller = OutputPipe.Poller.open()) {
            var pipes = List.of(pipe);
            var writer = startWriting();
            while (timeline.streamLength(StdStream.STDOUT) < BYTES) {
                if (timeline.appendFrom(StdStream.STDOUT, pipe) <= 0) {
                    poller.await(pipes, Duration.ofSeconds(1));
                }
            }
            writer.join();
        }
    }

    private Thread startWriting() {
        return Thread.ofPlatform().name("pipe-writer").start(() -> {
            try (var channel = FileChannel.open(fifo(), StandardOpenOption.WRITE)) {
                for (int i = 0; i < CHUNKS; i++) {
                    for (var bytes = chunk.duplicate().rewind(); bytes.hasRemaining(); ) {
                        channel.write(bytes);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private Path fifo() {
        return directory.resolve("fifo");
    }

    private void appendAll(Path path) throws IOException {
        try (var timeline = Timeline.create(path, TimelineConfig.defaults())) {
            for (int i = 0; i < CHUNKS; i++) {
                timeline.appendOutput(StdStream.STDOUT, chunk.rewind());
            }
        }
    }

    private long readAll() throws IOException {
        var total = 0L;
        try (var reader = Objects.requireNonNull(source).read(1)) {
            for (var record = reader.poll(); record != null; record = reader.poll()) {
                total += ((TimelineRecord.Output) record).data().remaining();
            }
        }
        return total;
    }

    private static void delete(Path path) throws IOException {
        try (var files = Files.walk(path)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
