package io.tailrace.delivery;

import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * What one test tried and what became of it. Thread-safe.
 *
 * <p>A test counts what it compared, as it compares it: a ledger without attempts fails its test, and so does one in which
 * anything was lost, doubled or reordered.
 */
public final class Ledger {
    /** The system property that repeats a run: {@code -Dtailrace.seed=N}. */
    public static final String SEED_PROPERTY = "tailrace.seed";
    /** The system property that asks for the long form: {@code -Dtailrace.long=true}. */
    public static final String LONG_PROPERTY = "tailrace.long";

    private final long seed;
    private final boolean isLong;
    private final LongAdder attempts = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final LongAdder doubled = new LongAdder();
    private final LongAdder reordered = new LongAdder();
    private final AtomicLong randoms = new AtomicLong();
    private volatile String note = "";

    Ledger(long seed, boolean isLong) {
        this.seed = seed;
        this.isLong = isLong;
    }

    /** What all chance in this test comes from. Printed where the test fails. */
    public long seed() {
        return seed;
    }

    /** A source of chance, a different one with each call; the same ones in the same order for the same seed. */
    public Random random() {
        return new Random(seed + randoms.getAndIncrement());
    }

    /** Whether the test should try as hard as it can, and not just as hard as every build can afford. */
    public boolean isLong() {
        return isLong;
    }

    /** One more attempt at breaking the promise. */
    public void attempt() {
        attempts.increment();
    }

    /** This many more attempts. */
    public void attempts(long count) {
        attempts.add(checked("attempts", count));
    }

    /** This many more bytes that arrived and were compared. */
    public void bytes(long count) {
        bytes.add(checked("bytes", count));
    }

    /** This many bytes that did not arrive and that no Gap told of. */
    public void lost(long count) {
        lost.add(checked("lost", count));
    }

    /** This many bytes that arrived more than once. */
    public void doubled(long count) {
        doubled.add(checked("doubled", count));
    }

    /** This many bytes that arrived at another place than their own. */
    public void reordered(long count) {
        reordered.add(checked("reordered", count));
    }

    /** What a line check found. Call it when all has arrived. */
    public void add(LineCheck check) {
        bytes(check.bytes());
        lost(check.lost());
        doubled(check.doubled());
        reordered(check.reordered());
    }

    /** A figure that belongs beside the row, such as "p99 12 ms"; the last one counts. */
    public void note(String text) {
        note = text.replace('\t', ' ').replace('\n', ' ');
    }

    long attempts() {
        return attempts.sum();
    }

    /** Whether nothing was lost, doubled or reordered. */
    boolean isClean() {
        return lost.sum() + doubled.sum() + reordered.sum() == 0;
    }

    Row row(String promises, String test, boolean hasPassed) {
        return new Row(
                promises,
                test,
                attempts.sum(),
                bytes.sum(),
                lost.sum(),
                doubled.sum(),
                reordered.sum(),
                hasPassed ? Row.KEPT : Row.BROKEN,
                note);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d attempts, %d bytes, %d lost, %d doubled, %d reordered",
                attempts.sum(),
                bytes.sum(),
                lost.sum(),
                doubled.sum(),
                reordered.sum());
    }

    private static long checked(String name, long count) {
        if (count < 0) {
            throw new IllegalArgumentException("%s: %d (expected: >= 0)".formatted(name, count));
        }
        return count;
    }
}
