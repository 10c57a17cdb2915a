package io.tailrace.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Exponential back-off with a bound on the time since something last succeeded. Half of each pause is random, so that
 * many clients that lost the same server do not come back in step. One thread at a time.
 */
final class Backoff {
    private static final long FIRST_MILLIS = 25;
    private static final long LONGEST_MILLIS = 2_000;

    private final long limitNanos;
    private long lastSuccessNanos = System.nanoTime();
    private long pauseMillis = FIRST_MILLIS;

    Backoff(Duration limit) {
        this.limitNanos = limit.toNanos();
    }

    void succeeded() {
        lastSuccessNanos = System.nanoTime();
        pauseMillis = FIRST_MILLIS;
    }

    /** Waits before the next attempt; false at once if the time is up. */
    boolean pause() {
        if (System.nanoTime() - lastSuccessNanos >= limitNanos) {
            return false;
        }
        try {
            Thread.sleep(pauseMillis / 2 + ThreadLocalRandom.current().nextLong(pauseMillis / 2 + 1));
        } catch (InterruptedException e) {
            throw Failures.interrupted();
        }
        pauseMillis = Math.min(pauseMillis * 2, LONGEST_MILLIS);
        return true;
    }
}
