package io.tailrace.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.log.OutputPipe;
import io.tailrace.log.Timeline;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes what a probe writes to stdout and stderr, and keeps the beginning of it. Each stream has a thread of its own, which
 * {@link #close} ends and joins. Thread-safe.
 */
final class ProbeOutput implements AutoCloseable {
    private static final int STACK_BYTES = 256 << 10;
    private static final int CHUNK_BYTES = 16 << 10;
    private static final Duration WAIT = Duration.ofSeconds(1);

    /** How long what the probe wrote may take to come after its exit; another process may hold the stream open for ever. */
    private static final Duration END_TIMEOUT = Duration.ofMillis(500);

    private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(5);

    @GuardedBy("this") private final ByteBuffer kept = ByteBuffer.allocate(Timeline.HEALTH_OUTPUT_BYTES_MAX);

    private final OutputPipe.Poller poller;
    private final List<AutoCloseable> sources = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean isClosed;

    private ProbeOutput(OutputPipe.Poller poller) {
        this.poller = poller;
    }

    /** Begins to take it; before the start, so that nothing is missed. */
    static ProbeOutput open(RuntimeProcess process) throws IOException {
        ProbeOutput output = new ProbeOutput(OutputPipe.Poller.open());
        try {
            output.add(process.stdout());
            if (process.stderr().isPresent()) {
                output.add(process.stderr().get());
            }
            output.threads.forEach(Thread::start);
            return output;
        } catch (IOException | RuntimeException | Error e) {
            output.close();
            throw e;
        }
    }

    private void add(ProcessOutput output) throws IOException {
        switch (output) {
            case ProcessOutput.Pipe(var fifo) -> {
                OutputPipe pipe = OutputPipe.open(fifo);
                sources.add(pipe);
                add(() -> take(pipe));
            }
            case ProcessOutput.Channel(var channel) -> add(channel);
            case ProcessOutput.Kept(var source) -> add(source.open(0));
        }
    }

    private void add(ReadableByteChannel channel) {
        sources.add(channel);
        add(() -> take(channel));
    }

    private void add(Taking taking) {
        threads.add(Thread.ofPlatform()
                .daemon()
                .name("probe-output")
                .stackSize(STACK_BYTES)
                .unstarted(() -> {
                    try {
                        taking.run();
                    } catch (IOException e) {
                        say(isClosed ? "" : "its output could not be read to its end: " + e);
                    }
                }));
    }

    @FunctionalInterface
    private interface Taking {
        void run() throws IOException;
    }

    private void take(OutputPipe pipe) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        while (!isClosed) {
            int count = pipe.take(chunk.clear());
            if (count < 0) {
                return;
            }
            if (count == 0) {
                var _ = poller.await(List.of(pipe), WAIT);
            }
            keep(chunk.flip());
        }
    }

    private void take(ReadableByteChannel channel) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        while (channel.read(chunk.clear()) >= 0) {
            keep(chunk.flip());
        }
    }

    private synchronized void keep(ByteBuffer chunk) {
        kept.put(chunk.slice(0, Math.min(kept.remaining(), chunk.remaining())));
    }

    /** Adds words of the engine's own, on a line of their own; they take the place of what does not fit. */
    synchronized void say(String words) {
        byte[] line = words.getBytes(StandardCharsets.UTF_8);
        if (line.length == 0) {
            return;
        }
        kept.position(Math.min(kept.position(), kept.capacity() - line.length - 1));
        if (kept.position() > 0 && kept.get(kept.position() - 1) != '\n') {
            kept.put((byte) '\n');
        }
        kept.put(line);
    }

    /** Waits a moment for what comes after the exit. */
    void awaitEnd() throws InterruptedException {
        for (Thread thread : threads) {
            var _ = thread.join(END_TIMEOUT);
        }
    }

    /** What was kept so far. */
    synchronized ByteBuffer taken() {
        ByteBuffer copy = ByteBuffer.allocate(kept.position());
        return copy.put(kept.duplicate().flip()).flip();
    }

    @Override
    public void close() {
        isClosed = true;
        poller.wakeup();
        for (AutoCloseable source : sources) {
            try {
                source.close();
            } catch (Exception e) {
                say("its output could not be closed: " + e);
            }
        }
        try {
            for (Thread thread : threads) {
                var _ = thread.getState() == Thread.State.NEW || thread.join(JOIN_TIMEOUT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        poller.close();
    }
}
