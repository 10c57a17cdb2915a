package io.tailrace.engine;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;

/**
 * The time that one engine lives in: what its clock says, and every wait whose length is a policy (a grace, a drain
 * timeout, a pause between two tries, retention). In a server that is {@link SystemTime}; a simulation lets it pass as it
 * likes. Thread-safe.
 */
interface Time extends AutoCloseable {
    /** Where timestamps come from; may be set back. */
    Clock clock();

    /** Nanoseconds since some moment; never set back. */
    long nanos();

    /** Waits for a condition, whose lock the caller holds, or until the time is up; may return early. */
    void await(Condition condition, long nanos) throws InterruptedException;

    /** Waits for a future. @return whether it is done; false if the time was up before */
    boolean await(CompletableFuture<?> future, Duration timeout) throws InterruptedException, ExecutionException;

    /**
     * Runs something that does not block, after a while, unless its future is cancelled.
     *
     * @throws RejectedExecutionException after {@link #close}
     */
    Future<?> schedule(Duration delay, Runnable task);

    /** Drops what was scheduled. */
    @Override
    void close();
}
