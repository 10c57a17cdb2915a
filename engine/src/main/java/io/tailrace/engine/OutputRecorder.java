package io.tailrace.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.log.OutputPipe;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineClosedException;
import io.tailrace.log.TimelineFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Records the output of one run. Where the disk has no room, it waits or drops, as the container is to
 * ({@link OnFullDisk}). What was dropped is told by a Gap before the next record, and soon after there is room also where
 * none comes. Thread-safe.
 */
final class OutputRecorder {
    /** How long it drops before it looks again whether there is room: to look at every chunk would slow the container. */
    private static final long LOOK_PAUSE_NANOS = 100_000_000;

    /** How often it looks whether there is room for the Gap while the process may be silent. */
    private static final Duration GAP_PAUSE = Duration.ofSeconds(1);

    private final EngineContext context;
    private final Journal journal;
    private final Patience patience;
    private final boolean isToDrop;

    /** How many do not want to wait for the disk. */
    private final AtomicInteger hurries = new AtomicInteger();

    private volatile long lookAtNanos;
    private volatile boolean isDropping;

    /** Whether the run is over, and all of it told. */
    @GuardedBy("this") private boolean isEnded;

    /** The next look whether there is room for the Gap; null if none is to come. */
    @GuardedBy("this") private @Nullable Future<?> look;

    OutputRecorder(EngineContext context, Journal journal, Patience patience, OnFullDisk onFullDisk) {
        this.context = context;
        this.journal = journal;
        this.patience = patience;
        isToDrop = onFullDisk == OnFullDisk.DROP;
    }

    /** Tells what an earlier server dropped, or found damaged, and did not come to tell. */
    void begin() {
        if (journal.timeline().isGapDue()) {
            lookLater();
        }
    }

    /** Until {@link #endHurry} what does not fit is dropped: somebody does not want to wait for room. */
    void hurry() {
        hurries.incrementAndGet();
        patience.hurry();
    }

    /** Ends one {@link #hurry}. */
    void endHurry() {
        hurries.decrementAndGet();
    }

    /** Takes what a pipe has, one chunk at most. @return as {@link io.tailrace.log.Timeline#appendFrom} */
    int appendFrom(StdStream stream, OutputPipe pipe) throws StoppedException {
        return patience.insist(() -> {
            if (mayRecord()) {
                try {
                    int moved = journal.record(timeline -> timeline.appendFrom(stream, pipe));
                    if (moved > 0) {
                        settle();
                    }
                    return moved;
                } catch (TimelineFullException e) {
                    full(e);
                }
            }
            int dropped = journal.record(timeline -> timeline.dropFrom(stream, pipe));
            if (dropped > 0) {
                dropping();
            }
            return dropped;
        });
    }

    /** Takes all of a buffer. */
    void append(StdStream stream, ByteBuffer data) throws StoppedException {
        patience.insist(() -> {
            if (mayRecord()) {
                try {
                    var _ = journal.record(timeline -> timeline.appendOutput(stream, data));
                    settle();
                    return true;
                } catch (TimelineFullException e) {
                    full(e);
                }
            }
            var _ = journal.record(timeline -> {
                timeline.drop(stream, data.remaining());
                return true;
            });
            data.position(data.limit());
            dropping();
            return true;
        });
    }

    /** Where a stream stands in this run: how many of its bytes are recorded, or known to be missing. */
    long position(StdStream stream) {
        return journal.timeline().streamLength(stream) - journal.fold().settled(stream);
    }

    /** Says that bytes come next that the runtime lost, and nobody knows how many. */
    void lost(StdStream stream) throws StoppedException {
        patience.insist(() -> {
            journal.lost(stream);
            return true;
        });
    }

    private boolean mayDrop() {
        return isToDrop || hurries.get() > 0;
    }

    private boolean mayRecord() {
        return !isDropping || !mayDrop() || context.time().nanos() - lookAtNanos >= 0;
    }

    private void full(TimelineFullException e) throws IOException {
        if (!mayDrop()) {
            throw e;
        }
        lookAtNanos = context.time().nanos() + LOOK_PAUSE_NANOS;
    }

    /** Something was dropped. */
    private synchronized void dropping() {
        isDropping = true;
        context.problems()
                .report(journal.timelineId(), Problems.Kind.DROPPING, "its output is dropped: the disk is full");
        if (look == null) {
            lookLater();
        }
    }

    private synchronized void lookLater() {
        lookNoMore();
        if (!isEnded && !patience.isStopped()) {
            look = context.background().schedule("the Gap of " + journal.timelineId(), GAP_PAUSE, this::look);
        }
    }

    private synchronized void lookNoMore() {
        if (look != null) {
            look.cancel(false);
            look = null;
        }
    }

    private void look() {
        try {
            var _ = journal.record(timeline -> {
                timeline.tellDropped();
                return true;
            });
        } catch (TimelineClosedException e) {
            return; // it was told in closing, or the next server tells it
        } catch (IOException e) {
            lookLater();
            return;
        }
        settleDropping();
    }

    /** Dropping is over once nothing is left to tell. */
    private void settle() {
        if (isDropping) {
            settleDropping();
        }
    }

    private synchronized void settleDropping() {
        if (journal.timeline().isGapDue()) {
            lookLater(); // more was dropped meanwhile
            return;
        }
        isDropping = false;
        lookNoMore();
        context.problems().clear(journal.timelineId(), Problems.Kind.DROPPING);
    }

    /** The run is over, and its Exit, which comes after all Gaps, is recorded. */
    synchronized void end() {
        isEnded = true;
        isDropping = false;
        lookNoMore();
        context.problems().clear(journal.timelineId(), Problems.Kind.DROPPING);
    }
}
