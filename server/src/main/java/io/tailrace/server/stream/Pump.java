package io.tailrace.server.stream;

import io.tailrace.engine.Cursor;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Moves records from a source to a client at the client's pace: a batch of them whenever the transport takes more, and a
 * sign of life when there was none for a while. What a client does not take is not read for it: in memory there is at
 * most one batch, plus what the transport holds.
 */
public final class Pump {
    /** How long a stream may be silent. */
    public static final Duration HEARTBEAT = Duration.ofSeconds(15);

    /** Sent at once, at most, but for the last record of a batch. */
    private static final long BATCH_BYTES_MAX = 512 << 10;

    /** What a record costs in memory beside its bytes, roughly: bounds batches of tiny records. */
    private static final int RECORD_OVERHEAD_BYTES = 128;

    private Pump() {}

    /** Where records go. Called by one thread. */
    public interface Sink<R> {
        /** Takes a record. @return bytes that it adds to what is in flight */
        int accept(R record, Cursor cursor);

        /** Nothing happened for a while, or nothing is there to begin with. @param cursor the place so far */
        void idle(Cursor cursor);

        /** A batch is complete. */
        default void flush() {}
    }

    /** Pumps until the source has ended. Throws {@link StreamEndedException} if the stream ends before. */
    public static <R> void run(Source<R> source, ServedStream stream, Sink<R> sink) throws InterruptedException {
        boolean isFirst = true;
        while (true) {
            stream.awaitReady();
            R record = source.poll();
            if (record == null && isFirst && !source.isEnded()) {
                // The client learns that it is connected, and from where on it will miss nothing.
                sink.idle(source.cursor());
            }
            isFirst = false;
            if (record == null) {
                record = await(source, stream, sink);
                if (record == null) {
                    return;
                }
            }
            batch(record, source, sink);
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
                stream.awaitReady();
                sink.idle(source.cursor());
            }
        }
        stream.check();
        return null;
    }

    private static <R> void batch(R first, Source<R> source, Sink<R> sink) throws InterruptedException {
        R record = first;
        long bytes = 0;
        while (record != null) {
            bytes += sink.accept(record, source.cursor()) + RECORD_OVERHEAD_BYTES;
            record = bytes < BATCH_BYTES_MAX ? source.poll() : null;
        }
        sink.flush();
    }
}
