package io.tailrace.engine;

import io.tailrace.log.OutputPipe;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineFullException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Records the output of one run. Where the disk has no room, it waits or drops, as the container is to
 * ({@link OnFullDisk}). Thread-safe.
 */
final class OutputRecorder {
    /** How long it drops before it looks again whether there is room: to look at every chunk would slow the container. */
    private static final long LOOK_PAUSE_NANOS = 100_000_000;

    private final Journal journal;
    private final Patience patience;
    private final Time time;
    private final Problems problems;
    private volatile boolean isDropping;
    private volatile boolean mayDrop;
    private volatile long lookAtNanos;

    OutputRecorder(EngineContext context, Journal journal, Patience patience, OnFullDisk onFullDisk) {
        this.journal = journal;
        this.patience = patience;
        time = context.time();
        problems = context.problems();
        mayDrop = onFullDisk == OnFullDisk.DROP;
    }

    /** From now on what does not fit is dropped: nobody is to wait for it any more. */
    void dropWhatDoesNotFit() {
        mayDrop = true;
        patience.hurry();
    }

    /** Takes what a pipe has, one chunk at most. @return as {@link io.tailrace.log.Timeline#appendFrom} */
    int appendFrom(StdStream stream, OutputPipe pipe) throws StoppedException {
        return patience.insist(() -> {
            if (mayRecord()) {
                try {
                    int moved = journal.appendFrom(stream, pipe);
                    if (moved > 0) {
                        recorded();
                    }
                    return moved;
                } catch (TimelineFullException e) {
                    full(e);
                }
            }
            return journal.dropFrom(stream, pipe);
        });
    }

    /** Takes all of a buffer. */
    void append(StdStream stream, ByteBuffer data) throws StoppedException {
        patience.insist(() -> {
            if (mayRecord()) {
                try {
                    journal.appendOutput(stream, data);
                    recorded();
                    return true;
                } catch (TimelineFullException e) {
                    full(e);
                }
            }
            journal.drop(stream, data.remaining());
            data.position(data.limit());
            return true;
        });
    }

    private boolean mayRecord() {
        return !isDropping || time.nanos() - lookAtNanos >= 0;
    }

    private void full(TimelineFullException e) throws IOException {
        if (!mayDrop) {
            throw e;
        }
        isDropping = true;
        lookAtNanos = time.nanos() + LOOK_PAUSE_NANOS;
        problems.report(journal.timelineId(), "its output is dropped: the disk is full");
    }

    private void recorded() {
        if (isDropping) {
            settle();
        }
    }

    /** Nothing is dropped any more. */
    void settle() {
        if (isDropping) {
            isDropping = false;
            problems.clear(journal.timelineId());
        }
    }
}
