package io.tailrace.runtime.conformance;

import io.tailrace.runtime.spi.ProcessOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Reads an output to its end in a thread of its own. */
final class Reading {
    private static final int CHUNK_BYTES = 64 << 10;
    private static final long POLL_MILLIS = 10;

    private final CompletableFuture<byte[]> all = new CompletableFuture<>();
    private final ByteArrayOutputStream soFar = new ByteArrayOutputStream();

    private Reading() {}

    static Reading of(ProcessOutput output) {
        return of(output, 0);
    }

    /** @param taken bytes that were read before */
    static Reading of(ProcessOutput output, long taken) {
        Reading reading = new Reading();
        Thread.ofPlatform().daemon().name("reading").start(() -> reading.read(output, taken));
        return reading;
    }

    private void read(ProcessOutput output, long taken) {
        try (ReadableByteChannel channel = open(output, taken)) {
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
            while (channel.read(chunk.clear()) >= 0) {
                synchronized (soFar) {
                    soFar.write(chunk.array(), 0, chunk.position());
                }
            }
            synchronized (soFar) {
                all.complete(soFar.toByteArray());
            }
        } catch (IOException e) {
            all.completeExceptionally(e);
        }
    }

    static ReadableByteChannel open(ProcessOutput output, long taken) throws IOException {
        return switch (output) {
            case ProcessOutput.Pipe(var fifo) -> open(fifo);
            case ProcessOutput.Channel(var channel) -> channel;
            case ProcessOutput.Kept(var source) -> source.open(taken);
        };
    }

    /** Opening only to read would wait for a writer, and the process may be gone: both ends open at once. */
    private static ReadableByteChannel open(Path fifo) throws IOException {
        try (FileChannel _ = FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return FileChannel.open(fifo, StandardOpenOption.READ);
        }
    }

    /** Everything, once the stream has ended. */
    byte[] await() throws Exception {
        return all.get(Bench.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** Waits until this text is among what was read. */
    void await(String text) throws Exception {
        long deadlineNanos = System.nanoTime() + Bench.PATIENCE.toNanos();
        while (!Bench.text(soFar()).contains(text)) {
            if (all.isDone() || System.nanoTime() > deadlineNanos) {
                throw new AssertionError("read \"%s\" (expected: \"%s\")".formatted(Bench.text(soFar()), text));
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    byte[] soFar() {
        synchronized (soFar) {
            return soFar.toByteArray();
        }
    }
}
