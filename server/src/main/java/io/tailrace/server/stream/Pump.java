package io.tailrace.server.stream;

import io.tailrace.engine.Cursor;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Moves records from a source to a client at the client's pace: a batch of them whenever the transport takes more, and a
 * sign of life when there was none for a while. While the transport works on one batch the next is made ready, and then
 * it waits: what a client does not take is not read for it.
 */
public final class Pump {
    /** How long a stream may be silent. */
    public static final Duration HEARTBEAT = Duration.ofSeconds(15);

    /** Of one batch, but for its last record. */
    private static final long BATCH_BYTES_MAX = 512 << 10;

    /** What a record costs in memory beside its bytes, roughly: bounds batches of tiny records. */
    private static final int RECORD_OVERHEAD_BYTES = 128;

    private Pump() {}

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
        R record = source.poll();
        if (record == null && !source.isEnded()) {
            // The client learns that it is connected, and from where on it will miss nothing.
            sink.idle(source.cursor());
            flush(stream, sink);
        }
        while (record != null || (record = await(source, stream, sink)) != null) {
            prepare(record, source, sink);
            flush(stream, sink);
            record = source.poll();
        }
    }

    private static <R> @Nullable R await(Source<R> source, ServedStream stream, Sink<R> sink)
            throws InterruptedException {
        while (!source.isEnded()) {
            R record = source.next(HEARTBEAT);
            stream.check();
            if (record != null) {
                return record;
            }
            if (!source.isEnded()) {
                sink.idle(source.cursor());
                flush(stream, sink);
            }
        }
        stream.check();
        return null;
    }

    private static <R> void prepare(R first, Source<R> source, Sink<R> sink) throws InterruptedException {
        R record = first;
        long bytes = 0;
        while (record != null) {
            bytes += sink.accept(record, source.cursor()) + RECORD_OVERHEAD_BYTES;
            record = bytes < BATCH_BYTES_MAX ? source.poll() : null;
        }
    }

    private static void flush(ServedStream stream, Sink<?> sink) throws InterruptedException {
        stream.awaitReady();
        sink.flush();
    }
}
