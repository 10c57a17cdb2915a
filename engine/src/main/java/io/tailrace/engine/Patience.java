package io.tailrace.engine;

import io.tailrace.log.TimelineClosedException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Appends that must succeed: on a full or failing disk they are tried again and again, with a bounded pause, until the
 * engine closes. Meanwhile the container waits on its pipe and the engine's problems say why. Thread-safe.
 */
final class Patience {
    private static final long PAUSE_MILLIS_MIN = 20;
    private static final long PAUSE_MILLIS_MAX = 1_000;

    private final Time time;
    private final Problems problems;
    private final String timelineId;
    private final CompletableFuture<Void> stopping = new CompletableFuture<>();
    private final AtomicLong waitedNanos = new AtomicLong();

    Patience(Time time, Problems problems, String timelineId) {
        this.time = time;
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
        long fromNanos = time.nanos();
        try {
            if (time.await(stopping, Duration.ofMillis(millis))) {
                throw new StoppedException();
            }
            waitedNanos.addAndGet(time.nanos() - fromNanos);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
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
        stopping.complete(null);
    }

    boolean isStopped() {
        return stopping.isDone();
    }

    void checkRunning() throws StoppedException {
        if (isStopped()) {
            throw new StoppedException();
        }
    }
}
