package io.tailrace.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's own work that nobody waits for: time-outs, automatic removal, retention. One timer thread starts virtual
 * threads, so a task may block; {@link #close} interrupts and joins them. Thread-safe.
 */
final class Background implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Background.class);
    private static final long CLOSE_TIMEOUT_SECONDS = 10;

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("engine-timer").factory());
    private final ExecutorService tasks = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("engine-task-", 0).factory());

    Background() {
        // A time-out of a day must not keep a container in memory that ended after a second.
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Runs a task now. After {@link #close}: does nothing, the next server will do it. */
    void run(String what, Runnable task) {
        try {
            tasks.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    if (tasks.isShutdown()) {
                        log.debug("{} is left to the next server", what, e);
                    } else {
                        log.warn("{} failed", what, e);
                    }
                }
            });
        } catch (RejectedExecutionException e) {
            log.debug("{} is left to the next server", what);
        }
    }

    /** Runs a task later, unless its future is cancelled. */
    Future<?> schedule(String what, Duration delay, Runnable task) {
        try {
            return timer.schedule(() -> run(what, task), delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("{} is left to the next server", what);
            return CompletableFuture.completedFuture(null);
        }
    }

    /** Runs a task again and again, never twice at once. */
    void repeat(String what, Duration period, Runnable task) {
        AtomicBoolean isRunning = new AtomicBoolean();
        Runnable alone = () -> {
            if (isRunning.compareAndSet(false, true)) {
                try {
                    task.run();
                } finally {
                    isRunning.set(false);
                }
            }
        };
        timer.scheduleWithFixedDelay(() -> run(what, alone), period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        tasks.shutdownNow();
        try {
            if (!tasks.awaitTermination(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                log.warn("background tasks did not end within {} s", CLOSE_TIMEOUT_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
