package io.tailrace.log;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What the writer of a timeline and its readers share: where the timeline ends, its newest records, and who waits for
 * more. Thread-safe without a lock.
 *
 * <p>A reader enters itself among the waiting, looks at the end once more and only then parks; the writer moves the end
 * and only then looks for waiting readers. So one of the two sees the other, and nobody needs to poll. While nobody
 * waits, publishing costs one look at an empty set. When all readers wait, all have seen everything, and the shared
 * records are let go: a quiet timeline holds no output in memory, however many watch it.
 */
final class FanOut {
    private final AtomicInteger readers = new AtomicInteger();
    private final Set<Thread> waiting = ConcurrentHashMap.newKeySet();
    private volatile End end;
    private volatile @Nullable Tail tail;
    private volatile boolean isClosed;

    FanOut(End end) {
        this.end = end;
    }

    End end() {
        return end;
    }

    boolean isClosed() {
        return isClosed;
    }

    /** Whether there is a reader, so that it is worth having a record as an object. */
    boolean isWatched() {
        return readers.get() > 0;
    }

    /** The record with a sequence, if it is among the newest. */
    Tail.@Nullable Entry newest(long sequence) {
        var records = tail;
        return records == null ? null : records.get(sequence);
    }

    /** Moves the end without a record, as when a segment begins. One thread at a time. */
    void publish(End next) {
        end = next;
    }

    /** Moves the end behind a record. One thread at a time; {@link #wake} is to follow. */
    void publish(End next, TimelineRecord record, int bytes) {
        var records = tail;
        if (records == null) {
            records = new Tail();
            tail = records;
        }
        records.add(new Tail.Entry(record, next.segment(), next.place(), bytes));
        end = next;
    }

    /** Moves the end behind a record that nobody watches. */
    void publishUnwatched(End next) {
        tail = null;
        end = next;
    }

    /** Wakes all who wait. Called without a lock. */
    void wake() {
        if (!waiting.isEmpty()) {
            waiting.forEach(LockSupport::unpark);
        }
    }

    void close() {
        isClosed = true;
        wake();
    }

    void join() {
        readers.incrementAndGet();
    }

    void leave() {
        if (readers.decrementAndGet() == 0) {
            tail = null;
        }
    }

    /** Waits until a record is there, the reader or the timeline is closed, or System.nanoTime() has come to the deadline. */
    void await(long sequence, TimelineReader reader, long deadline) throws InterruptedException {
        var thread = Thread.currentThread();
        waiting.add(thread);
        try {
            if (waiting.size() >= readers.get()) {
                tail = null;
            }
            while (end.lastSequence() < sequence && !reader.isClosed()) {
                var left = deadline - System.nanoTime();
                if (left <= 0) {
                    return;
                }
                LockSupport.parkNanos(this, left);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        } finally {
            waiting.remove(thread);
        }
    }
}
