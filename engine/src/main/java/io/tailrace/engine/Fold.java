package io.tailrace.engine;

import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The state of a process as its timeline tells it: every lifecycle record, folded in order. There is no other state to
 * survive a restart. As JSON it is the timeline's checkpoint, from which folding goes on. Immutable.
 *
 * @param state where it stands
 * @param made the attributes of its {@code created} record, what it was asked for and made of, with those of later records
 *     that amend it ({@link LifecycleEntry#EVENT}); empty before
 * @param createdAtNanos ns since the epoch, as all times here; 0 for never
 * @param run the latest
 * @param exits how many runs have ended
 * @param stdoutSettled the length of stdout at the end of the latest run that has ended: where the next one began
 * @param stderrSettled likewise
 * @param restart the latest that was due since a client started it
 * @param health of the latest run; meaningless without a check
 * @param history the newest lifecycle records, oldest first
 */
record Fold(
        ContainerState state,
        Map<String, String> made,
        long createdAtNanos,
        Run run,
        long exits,
        long stdoutSettled,
        long stderrSettled,
        RestartPolicy.Restart restart,
        HealthStatus health,
        List<LifecycleEntry> history) {
    /** The event of becoming running again after a pause. */
    static final String RESUMED = "resumed";
    /** The event of staying ended although a restart was due. */
    static final String STOPPED = "stopped";

    static final String FEED = "feed";
    static final String PID = "pid";
    static final Fold EMPTY = new Fold(
            ContainerState.CREATED,
            Map.of(),
            0,
            Run.NONE,
            0,
            0,
            0,
            RestartPolicy.Restart.NONE,
            HealthStatus.STARTING,
            List.of());

    /** History beyond this is in the timeline alone; it bounds the checkpoint. */
    private static final int HISTORY_MAX = 64;

    private static final int HISTORY_SHOWN_MAX = 8;

    /**
     * A run of the process.
     *
     * @param pid as the runtime said at its start
     * @param ending how it ended, from {@code draining} on
     * @param exitFeed the feed sequence that the coming Exit record takes, which cannot carry it itself; 0 if none is due
     * @param isToRestart whether another one follows by the restart policy, from the State record before the Exit on
     */
    record Run(
            long startedAtNanos,
            long finishedAtNanos,
            long pid,
            @Nullable Ending ending,
            long exitFeed,
            boolean isToRestart,
            TimelineRecord.@Nullable Exit exit) {
        static final Run NONE = new Run(0, 0, 0, null, 0, false, null);

        private Run running(long at, long nextPid) {
            return new Run(startedAtNanos == 0 ? at : startedAtNanos, 0, nextPid, null, 0, false, null);
        }

        private Run draining(Ending how) {
            return new Run(startedAtNanos, 0, 0, how, 0, false, null);
        }

        private Run exiting(long feed, boolean isRestartDue) {
            return new Run(startedAtNanos, finishedAtNanos, pid, ending, feed, isRestartDue, exit);
        }

        private Run exited(TimelineRecord.Exit how) {
            long ended = ending != null && ending.atNanos() != 0 ? ending.atNanos() : how.timestampNanos();
            // A process may be over before its start is recorded.
            return new Run(startedAtNanos, Math.max(startedAtNanos, ended), 0, ending, 0, isToRestart, how);
        }
    }

    Fold {
        Objects.requireNonNull(state);
        Objects.requireNonNull(run);
        Objects.requireNonNull(restart);
        // What an earlier version did not write down has not begun.
        health = health == null ? HealthStatus.STARTING : health;
        made = Map.copyOf(made);
        history = List.copyOf(history);
    }

    /** What a checkpoint holds. @throws EngineException INTERNAL if it is none */
    static Fold read(byte[] checkpoint) {
        return Json.read(checkpoint, Fold.class);
    }

    /** Whether its {@code created} record was seen. */
    boolean isMade() {
        return createdAtNanos != 0;
    }

    /** The feed sequence of its newest lifecycle record; 0 if there is none. */
    long toldFeed() {
        return history.isEmpty() ? 0 : history.getLast().feed();
    }

    /** Where a stream stood when the latest run that has ended was over. */
    long settled(StdStream stream) {
        return stream == StdStream.STDOUT ? stdoutSettled : stderrSettled;
    }

    /** The highest feed sequence in it. */
    long lastFeed() {
        return Math.max(run.exitFeed, toldFeed());
    }

    /** The fold of one record more. @throws EngineException INTERNAL for one that no server of this version wrote */
    Fold apply(TimelineRecord record) {
        try {
            return switch (record) {
                case TimelineRecord.State recorded -> apply(recorded);
                case TimelineRecord.Exit recorded -> apply(recorded);
                case TimelineRecord.Health recorded -> apply(recorded);
                case TimelineRecord.Output _, TimelineRecord.Message _, TimelineRecord.Gap _ -> this;
            };
        } catch (IllegalArgumentException e) {
            throw new EngineException(
                    ErrorCode.INTERNAL,
                    "a timeline's record %d cannot be read: %s".formatted(record.sequence(), e.getMessage()),
                    e);
        }
    }

    private Fold apply(TimelineRecord.State recorded) {
        ContainerState next = ContainerState.valueOf(recorded.state().toUpperCase(Locale.ROOT));
        Map<String, String> attributes = recorded.attributes();
        long at = recorded.timestampNanos();
        long feed = Long.parseLong(attributes.getOrDefault(FEED, "0"));
        String amendment = attributes.get(LifecycleEntry.EVENT);
        if (amendment != null) {
            return amended(attributes, tell(LifecycleEntry.of(recorded, amendment, feed)));
        }
        boolean isBeforeExit = !state.isOver() && next.isOver() && next != ContainerState.REMOVED;
        if (isBeforeExit) {
            // It tells what the Exit record right behind it leads to, and holds its feed sequence.
            boolean isToRestart = next == ContainerState.RESTARTING;
            return new Fold(
                    state,
                    made,
                    createdAtNanos,
                    run.exiting(feed, isToRestart),
                    exits,
                    stdoutSettled,
                    stderrSettled,
                    isToRestart ? RestartPolicy.Restart.of(attributes) : restart,
                    health,
                    history);
        }
        List<LifecycleEntry> told = tell(LifecycleEntry.of(recorded, event(next), feed));
        return switch (next) {
            case CREATED ->
                new Fold(
                        next,
                        attributes,
                        at,
                        Run.NONE,
                        0,
                        0,
                        0,
                        RestartPolicy.Restart.NONE,
                        HealthStatus.STARTING,
                        told);
            case STARTING -> {
                RestartPolicy.Restart last = state == ContainerState.RESTARTING ? restart : RestartPolicy.Restart.NONE;
                yield new Fold(
                        next,
                        withoutHealth(),
                        createdAtNanos,
                        Run.NONE,
                        exits,
                        stdoutSettled,
                        stderrSettled,
                        last,
                        HealthStatus.STARTING,
                        told);
            }
            case RUNNING ->
                with(next, run.running(at, Long.parseLong(attributes.getOrDefault(PID, Long.toString(run.pid)))), told);
            case DRAINING -> with(next, run.draining(Ending.of(attributes)), told);
            case PAUSED, RESTARTING, EXITED, REMOVED -> with(next, run, told);
        };
    }

    /** The state stays, and so does the run; what it is made of has changed. */
    private Fold amended(Map<String, String> attributes, List<LifecycleEntry> told) {
        Map<String, String> all = new HashMap<>(made);
        all.putAll(attributes);
        all.remove(LifecycleEntry.EVENT);
        all.remove(FEED);
        return new Fold(state, all, createdAtNanos, run, exits, stdoutSettled, stderrSettled, restart, health, told);
    }

    private String event(ContainerState next) {
        if (next == ContainerState.RUNNING && state == ContainerState.PAUSED) {
            return RESUMED;
        }
        return next == ContainerState.EXITED ? STOPPED : next.word();
    }

    private Fold with(ContainerState next, Run nextRun, List<LifecycleEntry> told) {
        return new Fold(
                next, made, createdAtNanos, nextRun, exits, stdoutSettled, stderrSettled, restart, health, told);
    }

    /** What was told of the last run's health is not this one's. */
    private Map<String, String> withoutHealth() {
        Map<String, String> left = new HashMap<>(made);
        left.remove(LifecycleEntry.HEALTH);
        left.remove(LifecycleEntry.FAILING_STREAK);
        return left;
    }

    private Fold apply(TimelineRecord.Health recorded) {
        HealthPolicy policy = healthPolicy();
        boolean isInStartPeriod = policy != null
                && policy.isInStartPeriod(recorded.timestampNanos() - recorded.durationNanos() - run.startedAtNanos());
        return new Fold(
                state,
                made,
                createdAtNanos,
                run,
                exits,
                stdoutSettled,
                stderrSettled,
                restart,
                health.after(recorded, isInStartPeriod),
                history);
    }

    /** How it is probed; null for not at all. */
    @Nullable HealthPolicy healthPolicy() {
        String json = made.get(LifecycleEntry.HEALTH_CHECK);
        return json == null ? null : Json.read(json, HealthPolicy.class);
    }

    private Fold apply(TimelineRecord.Exit recorded) {
        Map<String, String> kept = new HashMap<>(made);
        kept.remove(UsageWatch.ALERTS);
        return new Fold(
                run.isToRestart ? ContainerState.RESTARTING : ContainerState.EXITED,
                kept,
                createdAtNanos,
                run.exited(recorded),
                exits + 1,
                recorded.stdoutLength(),
                recorded.stderrLength(),
                restart,
                health,
                tell(LifecycleEntry.of(recorded, run.exitFeed)));
    }

    private List<LifecycleEntry> tell(LifecycleEntry entry) {
        List<LifecycleEntry> told = new ArrayList<>(history);
        told.add(entry);
        return told.size() > HISTORY_MAX ? told.subList(told.size() - HISTORY_MAX, told.size()) : told;
    }

    ProcessStatus status() {
        return new ProcessStatus(
                state,
                run.pid,
                instant(createdAtNanos),
                nullable(run.startedAtNanos),
                nullable(run.finishedAtNanos),
                run.exit,
                restart.number());
    }

    /** When it was resumed last, ns since the epoch; 0 for never within the history. */
    long resumedAtNanos() {
        return history.stream()
                .filter(entry -> entry.event().equals(RESUMED))
                .mapToLong(LifecycleEntry::timestampNanos)
                .max()
                .orElse(0);
    }

    /** The name of its container when an entry of the history was written: the first renaming after it tells it. */
    String nameAt(LifecycleEntry entry) {
        return history.stream()
                .filter(later ->
                        later.sequence() > entry.sequence() && later.event().equals(Amendments.RENAMED))
                .findFirst()
                .map(later -> later.attributes().get(Terms.OLD_NAME))
                .orElse(made.getOrDefault(LifecycleEntry.NAME, ""));
    }

    /** When its latest lifecycle record was written, ns since the epoch. */
    long changedAtNanos() {
        return history.isEmpty() ? 0 : history.getLast().timestampNanos();
    }

    /** The newest part of the history, for people. */
    String historyText() {
        return history.stream()
                .skip(Math.max(0, history.size() - HISTORY_SHOWN_MAX))
                .map(entry -> entry.event() + " " + instant(entry.timestampNanos()))
                .collect(Collectors.joining(", "));
    }

    static Instant instant(long nanos) {
        return Instant.ofEpochSecond(Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
    }

    /** An instant as ns since the epoch; 0, which is none, for one that they cannot say, as Go's zero time. */
    static long nanos(Instant instant) {
        try {
            return ChronoUnit.NANOS.between(Instant.EPOCH, instant);
        } catch (ArithmeticException e) {
            return 0;
        }
    }

    private static @Nullable Instant nullable(long nanos) {
        return nanos == 0 ? null : instant(nanos);
    }
}
