package io.tailrace.log;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The newest records of a timeline as objects, which all its live readers share: no reader of the tail touches the
 * file, decodes or copies. Bounded in records and bytes. Written by one thread at a time, read by any.
 */
final class Tail {
    /** Sixteen full chunks. */
    static final int BYTES_MAX = 16 * Timeline.OUTPUT_BYTES_MAX;

    private static final int RECORDS_MAX = 256; // a power of two

    private final AtomicReferenceArray<@Nullable Entry> entries = new AtomicReferenceArray<>(RECORDS_MAX);
    private long oldest;
    private long bytes;

    /** A record and where a reader that had it goes on. */
    record Entry(TimelineRecord record, Segment segment, Place after, int bytes) {}

    /** Adds the next record; each follows on the one before. */
    void add(Entry entry) {
        var sequence = entry.record().sequence();
        if (bytes == 0) {
            oldest = sequence;
        }
        bytes += entry.bytes();
        while (oldest < sequence && (bytes > BYTES_MAX || sequence - oldest >= RECORDS_MAX)) {
            var evicted = entries.getAndSet(slot(oldest++), null);
            bytes -= evicted == null ? 0 : evicted.bytes();
        }
        entries.set(slot(sequence), entry);
    }

    /** The record with a sequence, if it is here. */
    @Nullable Entry get(long sequence) {
        var entry = entries.get(slot(sequence));
        return entry != null && entry.record().sequence() == sequence ? entry : null;
    }

    private static int slot(long sequence) {
        return (int) sequence & (RECORDS_MAX - 1);
    }
}
