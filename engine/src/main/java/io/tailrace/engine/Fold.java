package io.tailrace.engine;

import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
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
 * @param made the attributes of its {@code created} record: what it was asked for and made of; empty before
 * @param createdAtNanos ns since the epoch, as all times here; 0 for never
 * @param startedAtNanos of the latest run
 * @param finishedAtNanos of the latest run
 * @param pid as the runtime said at its start
 * @param exits how many runs have ended
 * @param stdoutSettled the length of stdout at the end of the latest run that has ended: where the next one began
 * @param stderrSettled likewise
 * @param ending how the latest run ended, from {@code draining} on
 * @param exitFeed the feed sequence that the coming Exit record takes, which cannot carry it itself; 0 if none is due
 * @param exit of the latest run
 * @param history the newest lifecycle records, oldest first
 */
record Fold(
        ContainerState state,
        Map<String, String> made,
        long createdAtNanos,
        long startedAtNanos,
        long finishedAtNanos,
        long pid,
        long exits,
        long stdoutSettled,
        long stderrSettled,
        @Nullable Ending ending,
        long exitFeed,
        TimelineRecord.@Nullable Exit exit,
        List<LifecycleEntry> history) {
    /** The event of becoming running again after a pause. */
    static final String RESUMED = "resumed";

    static final String FEED = "feed";
    static final String PID = "pid";
    static final Fold EMPTY = new Fold(ContainerState.CREATED, Map.of(), 0, 0, 0, 0, 0, 0, 0, null, 0, null, List.of());

    /** History beyond this is in the timeline alone; it bounds the checkpoint. */
    private static final int HISTORY_MAX = 64;

    private static final int HISTORY_SHOWN_MAX = 8;

    Fold {
        Objects.requireNonNull(state);
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
        return Math.max(exitFeed, toldFeed());
    }

    /** The fold of one record more. @throws EngineException INTERNAL for one that no server of this version wrote */
    Fold apply(TimelineRecord record) {
        try {
            return switch (record) {
                case TimelineRecord.State recorded -> apply(recorded);
                case TimelineRecord.Exit recorded -> apply(recorded);
                case TimelineRecord.Output _, TimelineRecord.Health _, TimelineRecord.Message _, TimelineRecord.Gap _ ->
                    this;
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
        if (next == ContainerState.EXITED) {
            // Comes right before the Exit record, and only to hold its feed sequence.
            return new Fold(
                    state,
                    made,
                    createdAtNanos,
                    startedAtNanos,
                    finishedAtNanos,
                    pid,
                    exits,
                    stdoutSettled,
                    stderrSettled,
                    ending,
                    feed,
                    exit,
                    history);
        }
        String event = next == ContainerState.RUNNING && state == ContainerState.PAUSED ? RESUMED : next.word();
        List<LifecycleEntry> told = tell(LifecycleEntry.of(recorded, event, feed));
        return switch (next) {
            case CREATED -> new Fold(next, attributes, at, 0, 0, 0, 0, 0, 0, null, 0, null, told);
            case STARTING ->
                new Fold(next, made, createdAtNanos, 0, 0, 0, exits, stdoutSettled, stderrSettled, null, 0, null, told);
            case RUNNING ->
                new Fold(
                        next,
                        made,
                        createdAtNanos,
                        startedAtNanos == 0 ? at : startedAtNanos,
                        0,
                        Long.parseLong(attributes.getOrDefault(PID, Long.toString(pid))),
                        exits,
                        stdoutSettled,
                        stderrSettled,
                        null,
                        0,
                        null,
                        told);
            case PAUSED ->
                new Fold(
                        next,
                        made,
                        createdAtNanos,
                        startedAtNanos,
                        0,
                        pid,
                        exits,
                        stdoutSettled,
                        stderrSettled,
                        null,
                        0,
                        null,
                        told);
            case DRAINING ->
                new Fold(
                        next,
                        made,
                        createdAtNanos,
                        startedAtNanos,
                        0,
                        0,
                        exits,
                        stdoutSettled,
                        stderrSettled,
                        Ending.of(attributes),
                        0,
                        null,
                        told);
            case REMOVED, EXITED ->
                new Fold(
                        next,
                        made,
                        createdAtNanos,
                        startedAtNanos,
                        finishedAtNanos,
                        0,
                        exits,
                        stdoutSettled,
                        stderrSettled,
                        ending,
                        0,
                        exit,
                        told);
        };
    }

    private Fold apply(TimelineRecord.Exit recorded) {
        long ended = ending != null && ending.atNanos() != 0 ? ending.atNanos() : recorded.timestampNanos();
        // A process may be over before its start is recorded.
        long finished = Math.max(startedAtNanos, ended);
        return new Fold(
                ContainerState.EXITED,
                made,
                createdAtNanos,
                startedAtNanos,
                finished,
                0,
                exits + 1,
                recorded.stdoutLength(),
                recorded.stderrLength(),
                ending,
                0,
                recorded,
                tell(LifecycleEntry.of(recorded, exitFeed)));
    }

    private List<LifecycleEntry> tell(LifecycleEntry entry) {
        List<LifecycleEntry> told = new ArrayList<>(history);
        told.add(entry);
        return told.size() > HISTORY_MAX ? told.subList(told.size() - HISTORY_MAX, told.size()) : told;
    }

    ProcessStatus status() {
        return new ProcessStatus(
                state, pid, instant(createdAtNanos), nullable(startedAtNanos), nullable(finishedAtNanos), exit);
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
