package io.tailrace.server.stream;

import io.tailrace.engine.Cursor;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Moves records from a source to a client at the client's pace: a batch of them whenever the transport takes more, and a
 * sign of life when there was none for a while. While the transport works on one batch the next is made ready, and then
 * it waits: what a client does not take is not read for it. Batches grow while the client takes them quickly, so that
 * whoever stops taking, or never begins to, holds little memory; and as far as this stream's share of what may be in flight
 * goes. Where that is small, because very many clients are behind, nothing is made ready before it can be sent.
 */
public final class Pump<R> {
    /** How long a stream may be silent. */
    public static final Duration HEARTBEAT = Duration.ofSeconds(15);

    /** Of a batch, but for its last record. */
    private static final int BATCH_BYTES_MIN = 64 << 10;

    /** Who takes longer for a batch is not held up by the size of batches. */
    private static final long QUICK_NANOS = 50_000_000;

    /** What a record costs in memory beside its bytes, roughly: bounds batches of tiny records. */
    private static final int RECORD_OVERHEAD_BYTES = 128;

    private final Source<R> source;
    private final ServedStream stream;
    private final Sink<R> sink;
    private int batchBytes = BATCH_BYTES_MIN;

    private Pump(Source<R> source, ServedStream stream, Sink<R> sink) {
        this.source = source;
        this.stream = stream;
        this.sink = sink;
    }

    /** Where records go. Called by one thread. */
    public interface Sink<R> {
        /** Makes a record ready to be sent. @return the bytes that it takes */
        int accept(R record, Cursor cursor);

        /** Makes a sign of life ready. @param cursor the place so far */
        void idle(Cursor cursor);

        /** Sends what is ready. The transport takes it now. */
        void flush();
    }

    /** Pumps until the source has ended. Throws {@link StreamEndedException} if the stream ends before. */
    public static <R> void run(Source<R> source, ServedStream stream, Sink<R> sink) throws InterruptedException {
        new Pump<>(source, stream, sink).run();
    }

    private void run() throws InterruptedException {
        R record = source.poll();
        if (record == null && !source.isEnded()) {
            // The client learns that it is connected, and from where on it will miss nothing.
            sink.idle(source.cursor());
            flush();
        }
        while (record != null || (record = await()) != null) {
            stream.setBehind(true);
            if (stream.shareBytes() < BATCH_BYTES_MIN) {
                stream.awaitReady();
            }
            prepare(record);
            flush();
            record = source.poll();
        }
    }

    private @Nullable R await() throws InterruptedException {
        stream.setBehind(false);
        while (!source.isEnded()) {
            R record = source.next(HEARTBEAT);
            stream.check();
            if (record != null) {
                return record;
            }
            if (!source.isEnded()) {
                sink.idle(source.cursor());
                flush();
            }
        }
        stream.check();
        return null;
    }

    private void prepare(R first) throws InterruptedException {
        R record = first;
        long bytes = 0;
        while (record != null) {
            bytes += sink.accept(record, source.cursor()) + RECORD_OVERHEAD_BYTES;
            record = bytes < Math.min(batchBytes, stream.shareBytes()) ? source.poll() : null;
        }
    }

    private void flush() throws InterruptedException {
        long begun = System.nanoTime();
        stream.awaitReady();
        boolean isQuick = System.nanoTime() - begun < QUICK_NANOS;
        batchBytes = isQuick ? Math.min(InFlight.SHARE_BYTES_MAX, batchBytes * 2) : BATCH_BYTES_MIN;
        sink.flush();
    }
}
