package io.tailrace.acceptance;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * One of many readers of a timeline, which reads at the pace that it is given and has no thread of its own. Thread-safe.
 */
abstract class Follower implements AutoCloseable {
    /** The pace of who takes what there is. */
    static final long LIVE = Long.MAX_VALUE;
    /** The pace of who takes the first of the output and no more. */
    static final long STALLED = 0;

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final Arrivals arrivals;
    private final ScheduledExecutorService timer;
    private final CompletableFuture<Void> connected = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    @GuardedBy("this") private long bytesPerSecond;

    Follower(Arrivals arrivals, long bytesPerSecond, ScheduledExecutorService timer) {
        this.arrivals = arrivals;
        this.bytesPerSecond = bytesPerSecond;
        this.timer = timer;
    }

    /** Asks the transport for the next piece. */
    abstract void request();

    /** Goes away without a word. */
    @Override
    public abstract void close();

    /** A piece came, and was compared; the next one is asked for when it is time. */
    final void took(int bytes) {
        connected.complete(null);
        long nanos;
        synchronized (this) {
            if (bytesPerSecond == STALLED && arrivals.bytes() > 0) {
                return;
            }
            nanos = bytesPerSecond == LIVE || bytesPerSecond == STALLED ? 0 : bytes * NANOS_PER_SECOND / bytesPerSecond;
        }
        if (nanos == 0) {
            request();
        } else {
            timer.schedule(this::request, nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Reads at full speed from now on. */
    final void goOn() {
        synchronized (this) {
            bytesPerSecond = LIVE;
        }
        // One that waits for its time asks once more then, which does no harm.
        request();
    }

    /** What it was given so far. */
    final Arrivals arrivals() {
        return arrivals;
    }

    final void finish() {
        connected.complete(null);
        ended.complete(null);
    }

    final void fail(Throwable cause) {
        connected.completeExceptionally(cause);
        ended.completeExceptionally(cause);
    }

    /** Complete when the server has answered: from then on nothing passes it by. */
    final CompletableFuture<Void> connected() {
        return connected;
    }

    /** Complete when the stream has ended well; exceptionally if it ended otherwise, or what came was wrong. */
    final CompletableFuture<Void> ended() {
        return ended;
    }
}
