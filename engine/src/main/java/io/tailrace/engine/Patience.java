package io.tailrace.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.log.TimelineClosedException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends that must succeed: on a full or failing disk, and where the server itself fails, as out of memory, they are
 * tried again and again, with a bounded pause, until the engine closes. Meanwhile the container waits on its pipe and the
 * engine's problems say why. Thread-safe.
 */
final class Patience {
    private static final Logger log = LoggerFactory.getLogger(Patience.class);
    private static final long PAUSE_MILLIS_MIN = 20;
    private static final long PAUSE_MILLIS_MAX = 1_000;

    private final Time time;
    private final Problems problems;
    private final String timelineId;
    /** Completed to end the current wait. */
    private volatile CompletableFuture<Void> wakeup = new CompletableFuture<>();

    private volatile boolean isStopped;

    /** How many appends wait now; several when the streams of one process are channels. */
    @GuardedBy("this") private int waiting;

    @GuardedBy("this") private long waitingSinceNanos;

    @GuardedBy("this") private long waitedNanos;

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
        boolean isWaiting = false;
        try {
            for (long pauseMillis = PAUSE_MILLIS_MIN; ; pauseMillis = Math.min(PAUSE_MILLIS_MAX, pauseMillis * 2)) {
                String problem;
                try {
                    return append.run();
                } catch (TimelineClosedException e) {
                    throw new StoppedException();
                } catch (IOException e) {
                    problem = "its output waits: " + e.getMessage();
                } catch (EngineException e) {
                    problem = problemOrThrow(e);
                } catch (RuntimeException | Error e) {
                    if (!isWaiting) {
                        log.error("{}: an append failed and is made again", timelineId, e);
                    }
                    problem = "its records wait: " + e;
                }
                if (!isWaiting) {
                    isWaiting = true;
                    beginWaiting();
                }
                problems.report(timelineId, Problems.Kind.WAITING, problem);
                try {
                    pause(pauseMillis);
                } catch (StoppedException e) {
                    return lastTry(append, e);
                }
            }
        } finally {
            if (isWaiting) {
                endWaiting();
            }
        }
    }

    private static String problemOrThrow(EngineException e) throws StoppedException {
        if (e.code() == ErrorCode.UNAVAILABLE) {
            throw new StoppedException();
        }
        if (e.code() != ErrorCode.RESOURCE_EXHAUSTED && e.code() != ErrorCode.INTERNAL) {
            throw e;
        }
        return "its records wait: " + e.getMessage();
    }

    private synchronized void beginWaiting() {
        if (waiting++ == 0) {
            waitingSinceNanos = time.nanos();
        }
    }

    private synchronized void endWaiting() {
        if (--waiting == 0) {
            waitedNanos += time.nanos() - waitingSinceNanos;
            problems.clear(timelineId, Problems.Kind.WAITING);
        }
    }

    /** What ended the wait may have mended the disk, too: a server is stopped for that, for instance. */
    private static <T> T lastTry(Append<T> append, StoppedException stopped) throws StoppedException {
        try {
            return append.run();
        } catch (IOException | RuntimeException | Error e) {
            stopped.addSuppressed(e);
            throw stopped;
        }
    }

    /** Waits, unless it is stopped. */
    void pause(long millis) throws StoppedException {
        try {
            CompletableFuture<Void> woken = wakeup;
            checkRunning();
            if (time.await(woken, Duration.ofMillis(millis))) {
                checkRunning();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoppedException();
        }
    }

    /** Ends the current wait, so that it is tried again now. */
    synchronized void hurry() {
        CompletableFuture<Void> current = wakeup;
        wakeup = new CompletableFuture<>();
        current.complete(null);
    }

    /** Whether an append waits now. */
    synchronized boolean isWaiting() {
        return waiting > 0;
    }

    /** How long appends have waited until now: the time in which at least one did. */
    synchronized long waitedNanos() {
        return waitedNanos + (waiting == 0 ? 0 : time.nanos() - waitingSinceNanos);
    }

    /** Ends all waiting. */
    void stop() {
        isStopped = true;
        hurry();
    }

    boolean isStopped() {
        return isStopped;
    }

    void checkRunning() throws StoppedException {
        if (isStopped()) {
            throw new StoppedException();
        }
    }
}
