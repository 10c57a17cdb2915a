package io.tailrace.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over a timeline. It sees every record once and in order, and a {@link TimelineRecord.Gap} in place of what
 * is no longer there. Used by one thread at a time; close() by any.
 *
 * <p>Takes records from where they are nearest: the newest ones as objects that all readers share, older ones from the
 * page cache through a window of about 64 KiB of its own. At the end of the timeline it holds neither a window nor a
 * file, only its place. While it is in the middle of a segment it holds that open, so that trimming does not cut it off.
 */
public final class TimelineReader implements AutoCloseable {
    /** The longest single wait, far below what overflows a count of nanoseconds. */
    private static final Duration WAIT_MAX = Duration.ofDays(365);

    /**
     * How long a reader that keeps up with a busy timeline lets records gather before it looks again. A wake-up for each
     * of them would cost more, over all threads on the way to a client, than to carry the record.
     */
    private static final long GATHER_NANOS = 500_000;

    /** A timeline is busy if a reader that waits gets its next record so soon after the one before. */
    private static final long BUSY_NANOS = 1_000_000;

    private final Segments segments;
    private final FanOut fanOut;
    private final boolean skipsOutput;
    private final AtomicBoolean isClosed = new AtomicBoolean();
    /** Held during a poll, so that close() lets go of the file only between two. */
    private final ReentrantLock polling = new ReentrantLock();

    private volatile @Nullable Thread waiting;
    private volatile long sequence;
    /** When {@link #next} last had to wait for what it returned; for its caller's thread only. */
    private long awaitedNanos = System.nanoTime() - BUSY_NANOS;

    private boolean isBusy;

    /** Where it was last, and what it knows of the offsets there; null before its first record. */
    @GuardedBy("polling") private @Nullable Place place;

    /** The segment in which {@link #place} is that of the next record; null if it has to be searched. */
    @GuardedBy("polling") private @Nullable Segment segment;

    @GuardedBy("polling") private @Nullable SegmentScanner scanner;

    TimelineReader(Segments segments, FanOut fanOut, long fromSequence, boolean skipsOutput) {
        this.segments = segments;
        this.fanOut = fanOut;
        this.sequence = fromSequence;
        this.skipsOutput = skipsOutput;
        fanOut.join();
    }

    /** The next record if it is already there; null if this reader is at the end. Never blocks but for the disk. */
    public @Nullable TimelineRecord poll() throws IOException {
        polling.lock();
        try {
            while (!isClosed.get()) {
                var end = fanOut.end();
                if (sequence > end.lastSequence()) {
                    release();
                    return null;
                }
                var record = take(end);
                if (record != null && !(skipsOutput && record instanceof TimelineRecord.Output)) {
                    return record;
                }
            }
            return null;
        } finally {
            polling.unlock();
        }
    }

    /**
     * The next record; waits for it. Null when the time is up, or at once when {@link #isClosed}. Meant for virtual threads.
     */
    public @Nullable TimelineRecord next(Duration timeout) throws IOException, InterruptedException {
        var deadline = System.nanoTime() + saturatedNanos(timeout);
        for (var isFirst = true; ; isFirst = false) {
            var wasClosed = isClosed();
            var record = poll();
            var now = System.nanoTime();
            if (record != null || wasClosed || deadline - now <= 0) {
                if (!isFirst) {
                    isBusy = now - awaitedNanos < BUSY_NANOS;
                    awaitedNanos = now;
                }
                return record;
            }
            waiting = Thread.currentThread();
            try {
                if (isBusy && now - awaitedNanos < GATHER_NANOS) {
                    gather(Math.min(GATHER_NANOS, deadline - now));
                } else {
                    fanOut.await(sequence, this, deadline);
                }
            } finally {
                waiting = null;
            }
        }
    }

    /** Lets time pass, until closed at most. */
    private void gather(long nanos) throws InterruptedException {
        if (!isClosed()) {
            LockSupport.parkNanos(this, nanos);
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    /** The sequence of the record that comes next. */
    public long position() {
        return sequence;
    }

    /** Whether this reader or its timeline was closed (records that are there can still be polled in the latter case). */
    public boolean isClosed() {
        return isClosed.get() || fanOut.isClosed();
    }

    /** Wakes a waiting {@link #next}. */
    @Override
    public void close() {
        if (!isClosed.compareAndSet(false, true)) {
            return;
        }
        fanOut.leave();
        LockSupport.unpark(waiting);
        polling.lock();
        try {
            release();
        } finally {
            polling.unlock();
        }
    }

    /** The next record, which is there; null to look again. */
    @GuardedBy("polling") private @Nullable TimelineRecord take(End end) throws IOException {
        var newest = fanOut.newest(sequence);
        if (newest != null) {
            release();
            segment = newest.segment();
            return passed(newest.record(), newest.after());
        }
        try {
            return read(end);
        } catch (DamagedRecordException e) {
            return damaged(end);
        } catch (NoSuchFileException e) {
            var wanted = segments.floor(sequence);
            if (wanted != null && !wanted.isDeleted()) {
                throw e;
            }
            segment = null; // it was trimmed while this reader waited
            return null;
        }
    }

    /** The next record from its file, a Gap if it was trimmed, or null to look again. */
    @GuardedBy("polling") private @Nullable TimelineRecord read(End end) throws IOException {
        if (segment != null && sequence == segment.endSequence()) {
            release();
            segment = segments.floor(sequence);
            place = segment == null ? place : segment.begin();
        }
        if (segment == null) {
            var found = segments.floor(sequence);
            if (found == null) {
                var first = segments.first();
                return gap("retention", first, first.begin());
            }
            place = segments.find(found, Place::sequence, sequence, end);
            segment = found;
        }
        if (place == null || place.sequence() != sequence) {
            return damaged(end);
        }
        if (scanner == null) {
            scanner = new SegmentScanner(
                    segment,
                    place,
                    skipsOutput ? SegmentScanner.SKIPPING_WINDOW_BYTES : SegmentScanner.READING_WINDOW_BYTES);
        }
        var header = scanner.next(Segments.limit(segment, end));
        if (skipsOutput && header.kind() == RecordHeader.OUTPUT) {
            place = scanner.place();
            sequence = place.sequence();
            return null;
        }
        try {
            return passed(Payload.decode(header, scanner.payload()), scanner.place());
        } catch (DamagedRecordException e) {
            return gap("damaged", segment, scanner.place()); // its header is not, so that the next record can be read
        }
    }

    /** A Gap for what cannot be read of this segment. */
    @GuardedBy("polling") private TimelineRecord damaged(End end) {
        release();
        var next = segment == null || segment == end.segment() ? null : segments.after(segment);
        return next == null ? gap("damaged", end.segment(), end.place()) : gap("damaged", next, next.begin());
    }

    @GuardedBy("polling") private TimelineRecord gap(String reason, Segment goOnIn, Place goOnAt) {
        var from = place;
        var gap = new TimelineRecord.Gap(
                sequence,
                goOnAt.timestampNanos(),
                goOnAt.sequence() - 1,
                reason,
                from == null ? 0 : from.stdoutOffset(),
                goOnAt.stdoutOffset(),
                from == null ? 0 : from.stderrOffset(),
                goOnAt.stderrOffset());
        segment = goOnIn;
        return passed(gap, goOnAt);
    }

    @GuardedBy("polling") private TimelineRecord passed(TimelineRecord record, Place after) {
        place = after;
        sequence = after.sequence();
        return record;
    }

    /** Lets go of the file and the window; the place is kept. */
    @GuardedBy("polling") private void release() {
        if (scanner != null) {
            scanner.close();
            scanner = null;
        }
    }

    private static long saturatedNanos(Duration timeout) {
        return timeout.compareTo(WAIT_MAX) > 0 ? WAIT_MAX.toNanos() : timeout.toNanos();
    }
}
