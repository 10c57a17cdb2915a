package io.tailrace.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;

/** A time that passes when a simulation says so, at no cost; one for all servers of a machine. Thread-safe. */
final class SimulatedTime {
    /** How long a waiting thread waits before it looks at the simulated time again. */
    private static final long LOOK_NANOS = 1_000_000;

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicLong wallNanos;
    private final Clock clock = new WallClock();

    @GuardedBy("this") private final List<Alarm> alarms = new ArrayList<>();

    SimulatedTime() {
        wallNanos = new AtomicLong(Fold.nanos(Instant.now()));
    }

    private record Alarm(ServerTime owner, long atNanos, Runnable task, CompletableFuture<Void> future) {}

    /** The wall clock, which ticks by itself by a microsecond with every look. */
    Clock clock() {
        return clock;
    }

    /** Lets time pass; what becomes due is run by this thread. */
    void pass(Duration time) {
        long target = nanos.get() + time.toNanos();
        while (true) {
            Alarm due;
            synchronized (this) {
                due = alarms.stream()
                        .filter(alarm -> alarm.atNanos <= target)
                        .min(Comparator.comparingLong(Alarm::atNanos))
                        .orElse(null);
                long next = due == null ? target : Math.max(nanos.get(), due.atNanos);
                wallNanos.addAndGet(next - nanos.get());
                nanos.set(next);
                if (due == null) {
                    return;
                }
                alarms.remove(due);
            }
            if (due.future.complete(null)) {
                due.task.run();
            }
        }
    }

    /** How much is scheduled and not due yet. */
    synchronized int pending() {
        alarms.removeIf(alarm -> alarm.future.isDone());
        return alarms.size();
    }

    /** Somebody sets the wall clock, back with a negative time. */
    void set(Duration difference) {
        wallNanos.addAndGet(difference.toNanos());
    }

    /** This time for one server. */
    Time ofServer() {
        return new ServerTime();
    }

    private final class ServerTime implements Time {
        private volatile boolean isClosed;

        @Override
        public Clock clock() {
            return clock;
        }

        @Override
        public long nanos() {
            return nanos.get();
        }

        @Override
        @SuppressWarnings("WaitNotInLoop") // the caller loops
        public void await(Condition condition, long waitNanos) throws InterruptedException {
            long ignored = condition.awaitNanos(Math.min(waitNanos, LOOK_NANOS));
        }

        @Override
        public boolean await(CompletableFuture<?> future, Duration timeout)
                throws InterruptedException, ExecutionException {
            long deadline = nanos.get() + timeout.toNanos();
            while (true) {
                try {
                    future.get(LOOK_NANOS, TimeUnit.NANOSECONDS);
                    return true;
                } catch (TimeoutException e) {
                    if (nanos.get() >= deadline) {
                        return false;
                    }
                }
            }
        }

        @Override
        public Future<?> schedule(Duration delay, Runnable task) {
            if (isClosed) {
                throw new RejectedExecutionException("closed");
            }
            Alarm alarm = new Alarm(this, nanos.get() + Math.max(0, delay.toNanos()), task, new CompletableFuture<>());
            synchronized (SimulatedTime.this) {
                alarms.removeIf(other -> other.future.isDone());
                alarms.add(alarm);
            }
            return alarm.future;
        }

        @Override
        public void close() {
            isClosed = true;
            synchronized (SimulatedTime.this) {
                alarms.removeIf(alarm -> alarm.owner == this);
            }
        }
    }

    private final class WallClock extends Clock {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Fold.instant(wallNanos.addAndGet(1_000));
        }
    }
}
