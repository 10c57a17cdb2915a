package io.tailrace.acceptance;

import java.util.concurrent.atomic.AtomicLongArray;

/** How long many things took: a histogram with buckets an eighth of an octave wide. Thread-safe. */
final class Lags {
    private static final int BUCKETS_PER_OCTAVE = 8;
    /** 2^40 microseconds: twelve days. */
    private static final int OCTAVES = 40;

    private static final double NANOS_PER_MICRO = 1e3;
    private static final double MICROS_PER_MILLI = 1e3;

    private final AtomicLongArray buckets = new AtomicLongArray(OCTAVES * BUCKETS_PER_OCTAVE);

    /** Counts one. Clocks may differ a little: less than nothing is nothing. */
    void add(long nanos) {
        double micros = Math.max(1, nanos / NANOS_PER_MICRO);
        int bucket = (int) (Math.log(micros) / Math.log(2) * BUCKETS_PER_OCTAVE);
        buckets.incrementAndGet(Math.min(bucket, buckets.length() - 1));
    }

    /** The time in milliseconds that a share of all did not exceed, to a tenth of it; 0 if there are none. */
    double millis(double share) {
        long all = 0;
        for (int i = 0; i < buckets.length(); i++) {
            all += buckets.get(i);
        }
        long below = 0;
        for (int i = 0; i < buckets.length(); i++) {
            below += buckets.get(i);
            if (below > 0 && below >= share * all) {
                return Math.pow(2, (i + 1.0) / BUCKETS_PER_OCTAVE) / MICROS_PER_MILLI;
            }
        }
        return 0;
    }

    @Override
    public String toString() {
        return "p50 %.1f ms, p99 %.1f ms".formatted(millis(0.5), millis(0.99));
    }
}
