package io.tailrace.engine;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a run that lasts too long, or in which nothing is written for too long. What was written when is asked of the
 * timeline, so both limits hold over a restart of the server. Time in which the container is paused, or in which its output
 * waits for the disk, is no silence of its own: after it the limit begins anew. Thread-safe.
 */
final class RunLimits {
    private static final Logger log = LoggerFactory.getLogger(RunLimits.class);
    /** A longer limit is none: far below what overflows a count of nanoseconds. */
    private static final Duration LIMIT_MAX = Duration.ofDays(36_500);

    /** Between two looks at a container that goes on writing. */
    private static final Duration LOOK_PAUSE_MIN = Duration.ofMillis(20);

    /** In which what was written while no server ran is recorded. */
    private static final Duration ADOPTION_PAUSE = Duration.ofSeconds(1);

    private final EngineContext context;
    private final String name;
    private final NewContainer request;
    private final EngineProcess process;
    private final Consumer<String> stop;

    /** Whose limits they are. */
    private volatile @Nullable ProcessRun limited;

    private volatile Future<?> timer = CompletableFuture.completedFuture(null);
    private volatile Future<?> idleTimer = CompletableFuture.completedFuture(null);

    /** @param stop is told why, and returns when the process has ended */
    RunLimits(EngineContext context, String name, NewContainer request, EngineProcess process, Consumer<String> stop) {
        this.context = context;
        this.name = name;
        this.request = request;
        this.process = process;
        this.stop = stop;
    }

    /** A run has begun, or was adopted. */
    void begin(boolean isAdopted) {
        ProcessRun run = process.run();
        Instant startedAt = process.status().startedAt();
        if (run == null || startedAt == null) {
            return;
        }
        limited = run;
        Duration limit = request.timeout();
        if (limit != null && isLimit(limit)) {
            Duration left = Duration.between(now(), startedAt.plus(limit));
            timer = context.background().schedule("the time-out of " + name, left, () -> {
                if (isUp(run)) {
                    stop.accept("it ran for longer than its time-out of " + limit);
                }
            });
        }
        Duration idleLimit = request.idleTimeout();
        if (idleLimit != null && isLimit(idleLimit)) {
            lookLater(run, idleLimit, isAdopted ? ADOPTION_PAUSE : LOOK_PAUSE_MIN);
        }
        if (run.done().isDone()) {
            end();
        }
    }

    /** A run is over; perhaps not the one that has begun since. */
    void end() {
        ProcessRun run = limited;
        if (run != null && run.done().isDone()) {
            timer.cancel(false);
            idleTimer.cancel(false);
        }
    }

    private static boolean isLimit(Duration limit) {
        return limit.compareTo(LIMIT_MAX) <= 0;
    }

    private boolean isUp(ProcessRun run) {
        return process.run() == run && process.journal().fold().state().isUp();
    }

    private Instant now() {
        return context.clock().instant();
    }

    private void lookLater(ProcessRun run, Duration limit, Duration pauseMin) {
        Duration left = limit;
        try {
            left = left(limit);
        } catch (IOException e) {
            log.warn("{}: when it wrote last cannot be read; it has its whole idle time-out once more", name, e);
        }
        Duration pause = left.compareTo(pauseMin) < 0 ? pauseMin : left;
        idleTimer = context.background().schedule("the idle time-out of " + name, pause, () -> look(run, limit));
    }

    private void look(ProcessRun run, Duration limit) {
        if (!isUp(run)) {
            return;
        }
        boolean cannotWrite = process.journal().fold().state() == ContainerState.PAUSED
                || run.patience().isWaiting();
        try {
            if (cannotWrite) {
                idleTimer =
                        context.background().schedule("the idle time-out of " + name, limit, () -> look(run, limit));
            } else if (left(limit).isPositive()) {
                lookLater(run, limit, LOOK_PAUSE_MIN);
            } else {
                stop.accept("it wrote nothing for its idle time-out of " + limit);
            }
        } catch (IOException e) {
            lookLater(run, limit, ADOPTION_PAUSE);
        }
        if (run.done().isDone()) {
            end();
        }
    }

    /** How much of the limit is left; none if it is not positive. */
    private Duration left(Duration limit) throws IOException {
        Journal journal = process.journal();
        Fold fold = journal.fold();
        long sinceNanos = Math.max(
                Math.max(fold.run().startedAtNanos(), fold.resumedAtNanos()),
                journal.timeline().lastOutputNanos());
        return Duration.between(now(), Fold.instant(sinceNanos).plus(limit));
    }
}
