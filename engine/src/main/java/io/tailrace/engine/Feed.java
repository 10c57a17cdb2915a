package io.tailrace.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.log.TimelineRecord;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The lifecycle records of all containers in one order. Derived: every number stands with its record in a timeline, so
 * after a restart {@link #restore} builds it anew.
 *
 * <p>A number is reserved, the record is written to its timeline, then it is published; no lock is held while writing.
 * Readers see numbers in order, so a reserved one holds back those behind it until it is published or given up. Numbers
 * that stand for nothing, because their write failed or retention deleted their timeline, are read as a Gap; but not
 * before a record follows them, because until then nothing on the disk says that they were given.
 *
 * <p>Memory is bounded by {@code recordsMax}. Thread-safe; its lock is a leaf.
 */
final class Feed {
    private final int recordsMax;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /**
     * Records by sequence, from {@link #first} on; null values stand for nothing, and so do absent ones below
     * {@link #restored}, of which there may be very many. Reserved ones are absent.
     */
    @GuardedBy("lock") private final NavigableMap<Long, @Nullable FeedRecord> records = new TreeMap<>();

    /** The first sequence that this server could give. */
    @GuardedBy("lock") private long restored = 1;

    @GuardedBy("lock") private long first = 1;

    /** The next sequence to reserve. */
    @GuardedBy("lock") private long next = 1;

    /** From here on, numbers that were given up may be given again. */
    @GuardedBy("lock") private long reusable = 1;

    /** The next sequence that readers wait for. */
    @GuardedBy("lock") private long unpublished = 1;

    @GuardedBy("lock") private boolean isClosed;

    Feed(int recordsMax) {
        this.recordsMax = recordsMax;
    }

    /** Takes over what the timelines hold. @param floor the highest sequence that was ever given, as far as known */
    void restore(Collection<FeedRecord> found, long floor) {
        lock.lock();
        try {
            List<FeedRecord> newest = found.stream()
                    .filter(record -> record.sequence() > 0)
                    .sorted(Comparator.comparingLong(FeedRecord::sequence))
                    .toList();
            newest = newest.subList(Math.max(0, newest.size() - recordsMax), newest.size());
            long last = newest.isEmpty() ? 0 : newest.getLast().sequence();
            next = Math.max(floor, last) + 1;
            first = newest.isEmpty() ? next : newest.getFirst().sequence();
            newest.forEach(record -> records.put(record.sequence(), record));
            restored = next;
            unpublished = next;
        } finally {
            lock.unlock();
        }
    }

    /** The next number; must be published or given up soon. */
    long reserve() {
        lock.lock();
        try {
            return next++;
        } finally {
            lock.unlock();
        }
    }

    void publish(FeedRecord record) {
        settle(record.sequence(), record);
    }

    /** Nothing was written for a reserved number: it may be given again. */
    void giveUp(long sequence) {
        settle(sequence, null);
    }

    /** Something may stand on the disk for a reserved number, and turn up after a restart: it is not given again. */
    void giveUpInDoubt(long sequence) {
        lock.lock();
        try {
            reusable = Math.max(reusable, sequence + 1);
            settle(sequence, null);
        } finally {
            lock.unlock();
        }
    }

    private void settle(long sequence, @Nullable FeedRecord record) {
        lock.lock();
        try {
            records.put(sequence, record);
            for (long end = unpublished; records.containsKey(end); end++) {
                if (records.get(end) != null) {
                    unpublished = end + 1;
                }
            }
            while (next > Math.max(unpublished, reusable)
                    && records.containsKey(next - 1)
                    && records.get(next - 1) == null) {
                records.remove(--next);
            }
            while (records.size() - records.tailMap(unpublished, true).size() > recordsMax) {
                first = records.firstKey() + 1;
                records.pollFirstEntry();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    FeedSubscription subscribe(@Nullable Cursor after) {
        lock.lock();
        try {
            if (after == null) {
                return new Reader(unpublished);
            }
            if (!after.timeline().equals(Cursor.FEED) || after.sequence() >= next) {
                throw new EngineException(
                        ErrorCode.INVALID_CURSOR,
                        "cursor: %s (expected: one of the feed, at most %d)".formatted(after.text(), next - 1));
            }
            return new Reader(after.sequence() == 0 ? first : after.sequence() + 1);
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            isClosed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private final class Reader implements FeedSubscription {
        @GuardedBy("lock") private long position;

        @GuardedBy("lock") private boolean isEnded;

        Reader(long position) {
            this.position = position;
        }

        @Override
        public @Nullable FeedRecord next(Duration timeout) throws InterruptedException {
            long remainingNanos = TimeUnit.NANOSECONDS.convert(timeout);
            lock.lockInterruptibly();
            try {
                while (position >= unpublished && !isEnded && !isClosed) {
                    if (remainingNanos <= 0) {
                        return null;
                    }
                    remainingNanos = changed.awaitNanos(remainingNanos);
                }
                return isEnded || position >= unpublished ? null : read();
            } finally {
                lock.unlock();
            }
        }

        @GuardedBy("lock") private FeedRecord read() {
            long from = position;
            position = Math.max(position, first);
            while (position < unpublished && records.get(position) == null) {
                @Nullable Long after = position + 1 < restored ? records.higherKey(position) : Long.valueOf(position + 1);
                position = after == null ? unpublished : Math.min(after, unpublished);
            }
            if (position > from) {
                return gap(from, position - 1);
            }
            position++;
            @Nullable FeedRecord record = records.get(from);
            if (record == null) {
                throw new IllegalStateException("feed record %d is gone".formatted(from));
            }
            return record;
        }

        private static FeedRecord gap(long from, long to) {
            return new FeedRecord(to, "", "", "", "gap", new TimelineRecord.Gap(from, 0, to, "retention", 0, 0, 0, 0));
        }

        @Override
        public Cursor cursor() {
            lock.lock();
            try {
                return new Cursor(Cursor.FEED, position - 1);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                isEnded = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
