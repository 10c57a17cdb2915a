package io.tailrace.engine;

import io.tailrace.engine.SubscriptionRequest.End;
import io.tailrace.engine.SubscriptionRequest.From;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A reader of one timeline of a simulation, on a thread of its own: disconnects, resumes, and holds what it gets against
 * what it got before and against what others saw. The faithful one goes on where it was, and so sees everything.
 */
final class SimulatedReader implements Runnable {
    private static final Duration WAIT = Duration.ofMillis(20);

    private final Simulation simulation;
    private final SeenTimeline seen;
    private final String timelineId;
    private final boolean isFaithful;
    private final Random random;

    private @Nullable Engine engine;
    private long next;
    private final long[] offsets = {-1, -1};
    /** The offset with which the subscription was to begin, which cuts a record; -1 for none. */
    private long cutAt = -1;

    private long timestampNanos;
    private boolean isFirst;
    private volatile boolean mustForget;
    private volatile boolean isStopped;

    SimulatedReader(Simulation simulation, SeenTimeline seen, String timelineId, boolean isFaithful, long seed) {
        this.simulation = simulation;
        this.seen = seen;
        this.timelineId = timelineId;
        this.isFaithful = isFaithful;
        this.random = new Random(seed);
    }

    /** What it has seen may be gone: it begins anew. */
    void forget() {
        mustForget = true;
    }

    void stop() {
        isStopped = true;
    }

    @Override
    public void run() {
        try {
            while (!isStopped) {
                engine = simulation.engineOrNull();
                ContainerProcess process = simulation.processOrNull(timelineId);
                if (process == null) {
                    Thread.sleep(1);
                } else {
                    read(process);
                }
            }
        } catch (InterruptedException e) {
            // It is told to end.
        } catch (RuntimeException | AssertionError e) {
            simulation.failed("a reader of " + timelineId, e);
        }
    }

    private void read(ContainerProcess process) throws InterruptedException {
        if (mustForget) {
            mustForget = false;
            next = 0;
        }
        From from = from(process);
        if (!(from instanceof From.After)) {
            next = from instanceof From.Start ? 1 : 0;
            offsets[0] = from instanceof From.Start ? 0 : -1;
            offsets[1] = offsets[0];
            timestampNanos = 0;
        }
        cutAt = from instanceof From.Offset(StdStream _, long offset) ? offset : -1;
        End end = isFaithful ? End.NEVER : List.of(End.values()).get(random.nextInt(3));
        int records = isFaithful ? Integer.MAX_VALUE : 1 + random.nextInt(60);
        try (Subscription subscription = process.subscribe(new SubscriptionRequest(from, Set.of(), Set.of(), end))) {
            isFirst = true;
            int waits = 0;
            while (records > 0 && !isStopped && !mustForget && !subscription.isEnded() && waits < 50) {
                TimelineRecord record = subscription.next(WAIT);
                if (record != null && !mustForget) {
                    take(record);
                    records--;
                } else if (!isFaithful) {
                    waits++;
                }
            }
            if (subscription.isEnded()) {
                Thread.sleep(1);
            }
        } catch (EngineException e) {
            simulation.checkReadFailure(e, engine);
            Thread.sleep(1);
        }
    }

    private From from(ContainerProcess process) {
        int choice = isFaithful ? 0 : random.nextInt(10);
        if (next > 0 && choice < 6) {
            return new From.After(Cursor.parse(new Cursor(timelineId, next - 1).text()));
        }
        return switch (choice) {
            case 6 -> new From.Last(random.nextInt(20));
            case 7 -> new From.Now();
            case 8 -> {
                StdStream stream = random.nextBoolean() ? StdStream.STDOUT : StdStream.STDERR;
                yield new From.Offset(stream, random.nextLong(process.streamLength(stream) + 1));
            }
            default -> new From.Start();
        };
    }

    private void take(TimelineRecord record) {
        seen.see(record);
        check(record.sequence() == next || next == 0, "sequence", next, record);
        check(record.timestampNanos() >= timestampNanos, "time", timestampNanos, record);
        timestampNanos = record.timestampNanos();
        next = record.sequence() + 1;
        switch (record) {
            case TimelineRecord.Gap gap -> {
                pass(0, gap.stdoutFrom(), gap.stdoutTo(), gap);
                pass(1, gap.stderrFrom(), gap.stderrTo(), gap);
                next = gap.lastSequence() + 1;
            }
            case TimelineRecord.Output output -> {
                int index = output.stream().number() - 1;
                boolean isCut = output.offset() == cutAt && output.offset() >= offsets[index];
                check(
                        offsets[index] < 0 || output.offset() == offsets[index] || isCut,
                        "offset",
                        offsets[index],
                        record);
                offsets[index] = output.offset() + output.data().remaining();
            }
            case TimelineRecord.Exit exit -> {
                check(offsets[0] < 0 || exit.stdoutLength() == offsets[0], "stdout", offsets[0], record);
                check(offsets[1] < 0 || exit.stderrLength() == offsets[1], "stderr", offsets[1], record);
            }
            default -> {
                // Says nothing of offsets.
            }
        }
        isFirst = false;
    }

    private void pass(int index, long from, long to, TimelineRecord gap) {
        // A reader that resumes with a Gap gets one from the begin on, for its place is gone with the rest.
        boolean isRight = offsets[index] < 0 || (isFirst ? from <= offsets[index] : from == offsets[index]);
        check(isRight && to >= Math.max(from, offsets[index]), "gap from", offsets[index], gap);
        offsets[index] = to;
    }

    private void check(boolean isRight, String what, long expected, @Nullable TimelineRecord record) {
        if (!isRight && !mustForget) {
            throw new AssertionError("%s: %s (expected: %d): %s".formatted(timelineId, what, expected, record));
        }
    }
}
