package io.tailrace.engine;

import io.tailrace.log.TimelineClosedException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Appends that must succeed: on a full or failing disk they are tried again and again, with a bounded pause, until the
 * engine closes. Meanwhile the container waits on its pipe and the engine's problems say why. Thread-safe.
 */
final class Patience {
    private static final long PAUSE_MILLIS_MIN = 20;
    private static final long PAUSE_MILLIS_MAX = 1_000;

    private final Problems problems;
    private final String timelineId;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final AtomicLong waitedNanos = new AtomicLong();

    Patience(Problems problems, String timelineId) {
        this.problems = problems;
        this.timelineId = timelineId;
    }

    /** Something that appends. */
    @FunctionalInterface
    interface Append<T> {
        T run() throws IOException;
    }

    /** Runs it until it succeeds; once in any case, since what was read from a channel is nowhere else. */
    <T> T insist(Append<T> append) throws StoppedException {
        long pauseMillis = PAUSE_MILLIS_MIN;
        while (true) {
            try {
                T result = append.run();
                if (pauseMillis > PAUSE_MILLIS_MIN) {
                    problems.clear(timelineId);
                }
                return result;
            } catch (TimelineClosedException e) {
                throw new StoppedException();
            } catch (IOException e) {
                problems.report(timelineId, "its output waits: " + e.getMessage());
            } catch (EngineException e) {
                if (e.code() == ErrorCode.UNAVAILABLE) {
                    throw new StoppedException();
                }
                if (e.code() != ErrorCode.RESOURCE_EXHAUSTED && e.code() != ErrorCode.INTERNAL) {
                    throw e;
                }
                problems.report(timelineId, "its records wait: " + e.getMessage());
            }
            pause(pauseMillis);
            pauseMillis = Math.min(PAUSE_MILLIS_MAX, pauseMillis * 2);
        }
    }

    /** Waits, unless it is stopped. */
    void pause(long millis) throws StoppedException {
        long fromNanos = System.nanoTime();
        try {
            if (stopping.await(millis, TimeUnit.MILLISECONDS)) {
                throw new StoppedException();
            }
            waitedNanos.addAndGet(System.nanoTime() - fromNanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoppedException();
        }
    }

    /** How long appends have waited in all. */
    long waitedNanos() {
        return waitedNanos.get();
    }

    /** Ends all waiting. */
    void stop() {
        stopping.countDown();
    }

    boolean isStopped() {
        return stopping.getCount() == 0;
    }

    void checkRunning() throws StoppedException {
        if (isStopped()) {
            throw new StoppedException();
        }
    }
}
