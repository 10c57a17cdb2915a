package io.tailrace.engine;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;

/** The real time; one timer thread. */
final class SystemTime implements Time {
    private final Clock clock;
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("engine-timer").factory());

    /** @param clock for timestamps */
    SystemTime(Clock clock) {
        this.clock = clock;
        // A time-out of a day must not keep a container in memory that ended after a second.
        timer.setRemoveOnCancelPolicy(true);
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    @SuppressWarnings({"WaitNotInLoop", "AwaitReturnValueIgnored"}) // the caller loops, and looks at the time itself
    public void await(Condition condition, long nanos) throws InterruptedException {
        long ignored = condition.awaitNanos(nanos);
    }

    @Override
    public boolean await(CompletableFuture<?> future, Duration timeout)
            throws InterruptedException, ExecutionException {
        try {
            future.get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    @Override
    public Future<?> schedule(Duration delay, Runnable task) {
        return timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
