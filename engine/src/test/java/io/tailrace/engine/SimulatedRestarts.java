package io.tailrace.engine;

import io.tailrace.log.ExitReason;
import io.tailrace.log.TimelineRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * What a simulated machine knows about restarts: the policies it asked for and when clients had a hand in, against which
 * every attempt that a timeline tells is held, and every pause before one. Thread-safe.
 */
final class SimulatedRestarts {
    private static final long PAUSE_MILLIS_MIN = 100;
    private static final long PAUSE_MILLIS_MAX = 60_000;
    private static final Duration HEALTHY_AFTER = Duration.ofSeconds(10);

    private final Map<String, RestartPolicy> policies = new ConcurrentHashMap<>();
    private final Map<String, List<Start>> clientStarts = new ConcurrentHashMap<>();
    private volatile boolean isClockTrue = true;

    /** From when to when a client had a container started, by the wall clock. */
    private static final class Start {
        private final long fromNanos;
        private volatile long toNanos = Long.MAX_VALUE;

        private Start(long fromNanos) {
            this.fromNanos = fromNanos;
        }
    }

    void asked(String containerId, RestartPolicy policy) {
        policies.put(containerId, policy);
    }

    /** Somebody has set the clock: how long a pause was cannot be told any more. */
    void clockWasSet() {
        isClockTrue = false;
    }

    /** A command that has it started, as the simulation is to run it. */
    Runnable byClient(String containerId, SimulatedTime time, Runnable command) {
        return () -> {
            Start start = new Start(now(time));
            clientStarts
                    .computeIfAbsent(containerId, id -> new CopyOnWriteArrayList<>())
                    .add(start);
            try {
                command.run();
            } finally {
                start.toNanos = now(time);
            }
        };
    }

    private static long now(SimulatedTime time) {
        return Fold.nanos(time.clock().instant());
    }

    /** Holds a timeline against it. @return how many restarts it tells */
    int check(String containerId, List<TimelineRecord> delivered) {
        Walk walk = new Walk(containerId);
        delivered.forEach(walk::next);
        return walk.restarts;
    }

    /** One timeline, record by record. */
    private final class Walk {
        private final String id;
        private final RestartPolicy policy;
        private int restarts;
        /** How many of these there were since a client started it; -1: not known, behind a gap. */
        private long number;
        /** The pause before the current run; 0 for one that a client started. */
        private long pauseMillis;

        /** Whether whoever starts it next begins to count anew. */
        private boolean isOver = true;

        private long runningNanos;
        private long endedNanos;
        private TimelineRecord.@Nullable State decision;
        /** The exit behind which a restart is due; null if none is. */
        private TimelineRecord.@Nullable Exit due;

        private Walk(String id) {
            this.id = id;
            policy = policies.getOrDefault(id, RestartPolicy.NO);
        }

        private void next(TimelineRecord record) {
            switch (record) {
                case TimelineRecord.State state -> next(state);
                case TimelineRecord.Exit exit -> next(exit);
                case TimelineRecord.Gap gap
                when !SeenTimeline.isRecorded(gap) -> {
                    number = -1;
                    isOver = false;
                    decision = null;
                    due = null;
                }
                default -> {
                    // Says nothing of runs.
                }
            }
        }

        private void next(TimelineRecord.State state) {
            switch (state.state()) {
                case "starting" -> starting(state);
                case "running" -> runningNanos = runningNanos == 0 ? state.timestampNanos() : runningNanos;
                case "draining" ->
                    endedNanos = Long.parseLong(state.attributes().getOrDefault("at", "0"));
                case "restarting" -> decision = state;
                case "exited" -> {
                    decision = state;
                    isOver |= due != null; // a client has called it off
                    due = null;
                }
                default -> {
                    // It goes on as it was.
                }
            }
        }

        private void starting(TimelineRecord.State state) {
            TimelineRecord.Exit after = due;
            if (after == null) {
                number = isOver ? 0 : -1;
                pauseMillis = 0;
            } else {
                restarts++;
                checkPause(after, state);
            }
            due = null;
            decision = null;
            runningNanos = 0;
            endedNanos = 0;
        }

        private void checkPause(TimelineRecord.Exit after, TimelineRecord.State start) {
            long waitedNanos = start.timestampNanos() - after.timestampNanos();
            boolean isTooEarly = waitedNanos < Duration.ofMillis(pauseMillis).toNanos();
            boolean isByClient = clientStarts.getOrDefault(id, List.of()).stream()
                    .anyMatch(by -> by.fromNanos <= start.timestampNanos() && start.timestampNanos() <= by.toNanos);
            if (isTooEarly && isClockTrue && !isByClient) {
                throw new AssertionError("%s was started again %d ns after its exit, not %d ms: %s"
                        .formatted(id, waitedNanos, pauseMillis, start));
            }
        }

        private void next(TimelineRecord.Exit exit) {
            TimelineRecord.State decided = decision;
            decision = null;
            boolean isRestart = decided != null && decided.state().equals("restarting");
            isOver = decided != null && !isRestart;
            if (decided == null || number < 0) {
                number = -1;
                return;
            }
            // A server that is killed right behind its decision about a start that failed takes along why: the next
            // one, which
            // ends that run as lost, keeps to the decision.
            boolean isOfAnotherEnd = exit.reason() == ExitReason.LOST && endedNanos == 0;
            if (isRestart != isWanted(exit) && !isOfAnotherEnd) {
                throw new AssertionError("%s with %s, %d restarts so far, became %s with %s"
                        .formatted(id, policy, number, decided, exit));
            }
            if (isRestart) {
                checkAttempt(decided);
                due = exit;
            }
        }

        private boolean isWanted(TimelineRecord.Exit exit) {
            boolean isFirstStart = number == 0 && exit.reason() == ExitReason.START_FAILED;
            return exit.reason() != ExitReason.STOPPED
                    && !isFirstStart
                    && switch (policy.kind()) {
                        case NO -> false;
                        case ON_FAILURE ->
                            exit.exitCode() != 0 && (policy.retriesMax() == 0 || number < policy.retriesMax());
                        case ALWAYS, UNLESS_STOPPED -> true;
                    };
        }

        private void checkAttempt(TimelineRecord.State decided) {
            long told = Long.parseLong(decided.attributes().getOrDefault("restarts", "0"));
            long pause = Long.parseLong(decided.attributes().getOrDefault("pauseMillis", "0"));
            boolean wasHealthy = runningNanos != 0 && endedNanos - runningNanos >= HEALTHY_AFTER.toNanos();
            long expected =
                    pauseMillis == 0 || wasHealthy ? PAUSE_MILLIS_MIN : Math.min(PAUSE_MILLIS_MAX, 2 * pauseMillis);
            if (told != number + 1 || pause != expected) {
                throw new AssertionError(
                        "%s: attempt %d after %d ms expected: %s".formatted(id, number + 1, expected, decided));
            }
            number = told;
            pauseMillis = pause;
        }
    }
}
