package io.tailrace.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.log.ExitReason;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * All that any reader has seen of one timeline, against which every other sight of it is held: the same record under the
 * same sequence for everybody and for ever, whatever happens to servers. Thread-safe.
 */
final class SeenTimeline {
    private final String id;
    private volatile boolean wasUnopened;

    @GuardedBy("this") private final TreeMap<Long, TimelineRecord> records = new TreeMap<>();

    SeenTimeline(String id) {
        this.id = id;
    }

    String id() {
        return id;
    }

    /** A record was delivered. @param from the cursor's offset that may have cut it: any part of an Output is its own */
    synchronized void see(TimelineRecord record) {
        if (record instanceof TimelineRecord.Gap gap && !isRecorded(gap)) {
            return;
        }
        TimelineRecord known = records.get(record.sequence());
        if (known == null) {
            records.put(record.sequence(), record);
            return;
        }
        if (known instanceof TimelineRecord.Output first && record instanceof TimelineRecord.Output second) {
            checkSame(first, second);
        } else if (!known.equals(record)) {
            throw new AssertionError("two records for one sequence of %s:%n%s%n%s".formatted(id, known, record));
        }
    }

    static boolean isRecorded(TimelineRecord.Gap gap) {
        return gap.reason().equals("lost") || gap.reason().equals("dropped");
    }

    @GuardedBy("this") private void checkSame(TimelineRecord.Output first, TimelineRecord.Output second) {
        boolean isFirstLonger = first.offset() <= second.offset();
        TimelineRecord.Output longer = isFirstLonger ? first : second;
        TimelineRecord.Output cut = isFirstLonger ? second : first;
        int skipped = (int) (cut.offset() - longer.offset());
        boolean isSame = first.stream() == second.stream()
                && first.timestampNanos() == second.timestampNanos()
                && skipped + cut.data().remaining() == longer.data().remaining()
                && longer.data()
                        .slice(longer.data().position() + skipped, cut.data().remaining())
                        .equals(cut.data());
        if (!isSame) {
            throw new AssertionError("two outputs for one sequence of %s:%n%s%n%s".formatted(id, first, second));
        }
        records.put(longer.sequence(), longer);
    }

    /** A power cut took what was after a sequence. @return the lifecycle records that are gone */
    synchronized List<TimelineRecord> forgetAfter(long sequence) {
        List<TimelineRecord> gone =
                new ArrayList<>(records.tailMap(sequence, false).values());
        records.tailMap(sequence, false).clear();
        return gone;
    }

    /** A server could not open it when it started. */
    void setUnopened() {
        wasUnopened = true;
    }

    synchronized long lastSequence() {
        return records.isEmpty() ? 0 : records.lastKey();
    }

    synchronized Map<Long, TimelineRecord> records() {
        return new TreeMap<>(records);
    }

    /** A run as its records tell it. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Run(TimelineRecord.@Nullable Exit exit, long[] begins, long[] ends) {}

    /**
     * Holds what a reader got of the whole timeline, from its begin to its end, against what is known of the processes.
     *
     * @param processes that wrote it, in the order of their starts
     * @return bytes compared
     */
    synchronized long check(List<TimelineRecord> delivered, List<SimulatedProcess> processes, boolean isPowerLost) {
        delivered.forEach(this::see);
        checkStates(delivered);
        List<Run> runs = runs();
        List<Run> begun = runs == null
                ? List.of()
                : runs.stream()
                        .filter(run -> run.exit() == null || !isNeverBegun(run.exit()))
                        .toList();
        boolean isMatched = begun.size() == processes.size();
        if (isMatched && !isPowerLost) {
            for (int i = 0; i < begun.size(); i++) {
                checkRun(begun.get(i), processes.get(i));
            }
        }
        return checkBytes(delivered, processes, runs) + checkChecksums(delivered);
    }

    private static boolean isNeverBegun(TimelineRecord.Exit exit) {
        return exit.reason() == ExitReason.START_FAILED;
    }

    private void checkStates(List<TimelineRecord> delivered) {
        ContainerState state = null;
        // Right before an Exit, "exited" and "restarting" say what it leads to.
        ContainerState led = ContainerState.EXITED;
        for (TimelineRecord record : delivered) {
            ContainerState next = null;
            if (record instanceof TimelineRecord.State recorded) {
                next = ContainerState.valueOf(recorded.state().toUpperCase(Locale.ROOT));
                if (next.isOver() && next != ContainerState.REMOVED && state != ContainerState.RESTARTING) {
                    led = next;
                    next = null;
                }
            } else if (record instanceof TimelineRecord.Exit) {
                next = led;
            }
            if (record instanceof TimelineRecord.Gap gap && !isRecorded(gap)) {
                state = null;
            }
            if (next != null) {
                if (state != null && !state.canBecome(next)) {
                    throw new AssertionError("%s became %s from %s".formatted(id, next, state));
                }
                state = next;
            }
            if (record instanceof TimelineRecord.Output && state != null && !(state.isUp() || isMoving(state))) {
                throw new AssertionError("output of %s while %s: %s".formatted(id, state, record));
            }
        }
    }

    private static boolean isMoving(ContainerState state) {
        return state == ContainerState.STARTING || state == ContainerState.DRAINING;
    }

    /** The runs; null if not all records were seen. */
    @GuardedBy("this") private @Nullable List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        long[] begins = new long[2];
        boolean isUp = false;
        long expected = 1;
        for (TimelineRecord record : records.values()) {
            if (record.sequence() != expected++) {
                return null;
            }
            if (record instanceof TimelineRecord.State state && state.state().equals("starting")) {
                isUp = true;
            } else if (record instanceof TimelineRecord.Exit exit) {
                long[] ends = {exit.stdoutLength(), exit.stderrLength()};
                runs.add(new Run(exit, begins, ends));
                begins = ends;
                isUp = false;
            }
        }
        if (isUp) {
            runs.add(new Run(null, begins, new long[] {Long.MAX_VALUE, Long.MAX_VALUE}));
        }
        return runs;
    }

    private void checkRun(Run run, SimulatedProcess process) {
        TimelineRecord.Exit exit = run.exit();
        if (exit == null) {
            return;
        }
        for (StdStream stream : StdStream.values()) {
            int index = stream.number() - 1;
            long recorded = run.ends()[index] - run.begins()[index];
            boolean isCut = exit.reason() == ExitReason.LOST
                    || process.isPipeLost()
                    || exit.message().contains("held by another process");
            if ((recorded < process.written(stream) && !isCut) || recorded > process.begun(stream)) {
                throw new AssertionError(
                        "%s: %d bytes of %s recorded: %s, %s".formatted(id, recorded, stream, process, exit));
            }
        }
        if (exit.message().contains("held by another process") && !process.isOutputHeld()) {
            throw new AssertionError("%s: drained too short: %s, %s".formatted(id, process, exit));
        }
        if (exit.message().contains("not captured") && !process.isPipeLost()) {
            throw new AssertionError("%s: not captured: %s, %s".formatted(id, process, exit));
        }
        checkReason(exit, process);
    }

    private void checkReason(TimelineRecord.Exit exit, SimulatedProcess process) {
        var ended = process.ended().orElse(null);
        boolean isRight = switch (exit.reason()) {
            case LOST ->
                process.isPipeLost()
                        || (ended != null && ended.isLost())
                        || (wasUnopened && exit.message().contains("the runtime no longer knows it"));
            case EXITED -> ended != null && process.isToldToExit() && exit.exitCode() == ended.exitCode();
            case SIGNALLED, STOPPED, TIMED_OUT -> ended != null && exit.exitCode() == ended.exitCode();
            case OUT_OF_MEMORY, START_FAILED -> false;
        };
        if (!isRight) {
            throw new AssertionError("%s: %s: %s".formatted(id, process, exit));
        }
    }

    /** Where the streams stood when the run began that a record belongs to. */
    @GuardedBy("this") private long[] baseBefore(long sequence) {
        for (TimelineRecord record :
                records.headMap(sequence, false).descendingMap().values()) {
            if (record instanceof TimelineRecord.Exit exit) {
                return new long[] {exit.stdoutLength(), exit.stderrLength()};
            }
        }
        return new long[2];
    }

    @GuardedBy("this") private long checkBytes(
            List<TimelineRecord> delivered, List<SimulatedProcess> processes, @Nullable List<Run> runs) {
        long compared = 0;
        int candidate = 0;
        long[] base = new long[2];
        boolean isBaseKnown = true;
        for (TimelineRecord record : delivered) {
            switch (record) {
                case TimelineRecord.Exit exit -> {
                    base = new long[] {exit.stdoutLength(), exit.stderrLength()};
                    isBaseKnown = true;
                }
                case TimelineRecord.Gap gap -> isBaseKnown = isRecorded(gap) && isBaseKnown;
                case TimelineRecord.Output output -> {
                    if (runs != null) {
                        base = baseBefore(output.sequence());
                    }
                    if (isBaseKnown || runs != null) {
                        long offset = output.offset() - base[output.stream().number() - 1];
                        while (candidate < processes.size()
                                && !processes.get(candidate).hasWritten(output.stream(), offset, output.data())) {
                            candidate++;
                        }
                        if (candidate == processes.size()) {
                            throw new AssertionError("%s: nobody wrote %s (%d in its run), processes %s"
                                    .formatted(id, output, offset, processes));
                        }
                        compared += output.data().remaining();
                    }
                }
                default -> {
                    // Says nothing of bytes.
                }
            }
        }
        return compared;
    }

    /** Where nothing is missing, the Exit's checksums are those of all bytes before it. */
    private long checkChecksums(List<TimelineRecord> delivered) {
        CRC32[] checksums = {new CRC32(), new CRC32()};
        long[] lengths = new long[2];
        for (TimelineRecord record : delivered) {
            switch (record) {
                case TimelineRecord.Gap _ -> {
                    return 0;
                }
                case TimelineRecord.Output output -> {
                    ByteBuffer data = output.data().duplicate();
                    lengths[output.stream().number() - 1] += data.remaining();
                    checksums[output.stream().number() - 1].update(data);
                }
                case TimelineRecord.Exit exit -> {
                    if (exit.stdoutLength() != lengths[0]
                            || exit.stderrLength() != lengths[1]
                            || exit.stdoutCrc32() != checksums[0].getValue()
                            || exit.stderrCrc32() != checksums[1].getValue()) {
                        throw new AssertionError(
                                "%s: lengths %d, %d, but %s".formatted(id, lengths[0], lengths[1], exit));
                    }
                }
                default -> {
                    // Has no bytes.
                }
            }
        }
        return 0;
    }
}
