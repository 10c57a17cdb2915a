package io.tailrace.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's own work that nobody waits for: time-outs, automatic removal, retention. Tasks run on virtual threads, so
 * they may block; {@link #close} interrupts and joins them, and closes the time it was given. Thread-safe.
 */
final class Background implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Background.class);
    private static final long CLOSE_TIMEOUT_SECONDS = 10;

    private final Time time;
    private final ExecutorService tasks = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("engine-task-", 0).factory());

    Background(Time time) {
        this.time = time;
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
            return time.schedule(delay, () -> run(what, task));
        } catch (RejectedExecutionException e) {
            log.debug("{} is left to the next server", what);
            return CompletableFuture.completedFuture(null);
        }
    }

    /** Runs a task again and again, never twice at once. */
    void repeat(String what, Duration period, Runnable task) {
        schedule(what, period, () -> {
            try {
                task.run();
            } finally {
                repeat(what, period, task);
            }
        });
    }

    @Override
    public void close() {
        time.close();
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
