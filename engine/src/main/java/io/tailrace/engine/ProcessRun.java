package io.tailrace.engine;

import io.tailrace.log.ExitReason;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a process, from its preparation (or its adoption) until the runtime has forgotten it.
 *
 * <p>A platform thread of its own captures the output from before the start on, and when the exit is known, which it
 * subscribes to before the start, ends the run: {@code draining}, the rest of the output, {@code Exit}, clean-up. So
 * nothing is missed of a process that ends at once, and nothing comes after the Exit. Whoever starts the process reports
 * {@link #started} or {@link #startFailed}, and the end waits for that.
 *
 * <p>Thread-safe.
 */
final class ProcessRun {
    private static final Logger log = LoggerFactory.getLogger(ProcessRun.class);
    private static final Duration IDLE_WAIT = Duration.ofSeconds(1);
    private static final Duration OPEN_PAUSE = Duration.ofMillis(200);
    private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration ERROR_PAUSE = Duration.ofSeconds(2);
    private static final String NOT_CAPTURED = "its output was not captured to its end: ";
    private static final int STACK_BYTES = 256 << 10;

    private final EngineContext context;
    private final Journal journal;
    private final RuntimeProcess process;
    private final Runnable onEnd;
    private final Patience patience;
    private final OutputRecorder recorder;
    private final EndCause cause = new EndCause();
    private final @Nullable Stdin stdin;
    private final CountDownLatch startDecided = new CountDownLatch(1);
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final Thread thread;
    private volatile @Nullable ProcessExit exit;
    private volatile @Nullable Ending ending;
    private volatile @Nullable Ending startFailure;
    private volatile @Nullable Capture capture;

    /** @param isFresh whether it is new, not adopted. @param onEnd called by its thread when all is done */
    ProcessRun(
            EngineContext context,
            Journal journal,
            RuntimeProcess process,
            OnFullDisk onFullDisk,
            boolean isFresh,
            Runnable onEnd) {
        this.context = context;
        this.journal = journal;
        this.process = process;
        this.onEnd = onEnd;
        patience = new Patience(context.time(), context.problems(), journal.timelineId());
        recorder = new OutputRecorder(context, journal, patience, onFullDisk);
        ending = journal.fold().run().ending();
        stdin = process.stdin().map(input -> new Stdin(input, isFresh)).orElse(null);
        thread = Thread.ofPlatform()
                .daemon()
                .name("capture-" + journal.timelineId().replaceFirst("^(.{12})[^/]*", "$1"))
                .stackSize(STACK_BYTES)
                .unstarted(this::run);
    }

    /** Begins to capture. */
    void begin() {
        process.exit().whenComplete((how, failure) -> {
            if (how != null) {
                exit = how;
            } else {
                ending = lost("its exit cannot be known: " + failure);
            }
            wakeup();
        });
        thread.start();
        recorder.begin();
    }

    /** The process runs, and {@code running} is recorded. */
    void started() {
        startDecided.countDown();
        wakeup();
    }

    /** The process never ran. */
    void startFailed(Ending how) {
        startFailure = how;
        startDecided.countDown();
        wakeup();
    }

    /** Ends the run whatever the runtime says, because the process cannot be there any more. */
    void giveUp(String why) {
        if (exit == null && ending == null) {
            ending = lost(why);
            wakeup();
        }
    }

    private Ending lost(String why) {
        return new Ending(ExitReason.LOST, -1, 0, why);
    }

    RuntimeProcess process() {
        return process;
    }

    OutputRecorder recorder() {
        return recorder;
    }

    EndCause cause() {
        return cause;
    }

    Patience patience() {
        return patience;
    }

    @Nullable Stdin stdin() {
        return stdin;
    }

    /** Completes when the runtime has forgotten the process; exceptionally if the run cannot go on. */
    CompletableFuture<Void> done() {
        return done;
    }

    private void wakeup() {
        Capture current = capture;
        if (current != null) {
            current.wakeup();
        }
    }

    private void run() {
        try {
            record();
            delete();
            done.complete(null);
            onEnd.run();
        } catch (StoppedException e) {
            done.completeExceptionally(e);
        } catch (RuntimeException | Error e) {
            log.error("the run of {} failed", journal.timelineId(), e);
            context.problems()
                    .report(journal.timelineId(), Problems.Kind.UNENDED, "its run did not end in order: " + e);
            done.completeExceptionally(e);
        }
    }

    private void record() throws StoppedException {
        Ending last = captureInSpiteOfErrors();
        patience.insist(() -> {
            journal.exit(last);
            return true;
        });
        recorder.end();
    }

    /**
     * Captures to the end. What goes wrong in the server itself, as out of memory, is not the process's affair: it waits on
     * its pipe, and capturing goes on after a pause; after its end no longer than draining may last.
     */
    private Ending captureInSpiteOfErrors() throws StoppedException {
        long overNanos = 0;
        while (true) {
            long fromNanos = context.time().nanos();
            boolean wasOver = isOver();
            try {
                return captured();
            } catch (EngineException e) {
                throw e;
            } catch (RuntimeException | Error e) {
                log.error("the capture of {} failed", journal.timelineId(), e);
                context.problems().report(journal.timelineId(), Problems.Kind.UNCAPTURED, "its output waits: " + e);
                if (overNanos >= context.config().drainTimeout().toNanos()) {
                    return endWithoutCapture().withMessage(NOT_CAPTURED + e);
                }
            }
            patience.pause(ERROR_PAUSE.toMillis());
            overNanos += wasOver ? context.time().nanos() - fromNanos : 0;
        }
    }

    private Ending captured() throws StoppedException {
        try (Capture opened = open()) {
            capture = opened;
            return capture(opened);
        } catch (IOException e) {
            log.error("the capture of {} failed", journal.timelineId(), e);
            context.problems()
                    .report(journal.timelineId(), Problems.Kind.UNCAPTURED, "its output is not captured: " + e);
            return endWithoutCapture().withMessage(NOT_CAPTURED + e);
        } finally {
            capture = null;
        }
    }

    /**
     * Opens the output. What keeps it from that may pass, as with too many open files: until then the process waits on
     * its pipe, and its end with it. For a pipe that is not there there is as much time after its end as for draining.
     */
    private Capture open() throws IOException, StoppedException {
        long timeoutNanos = context.config().drainTimeout().toNanos();
        long overNanos = 0;
        while (true) {
            long fromNanos = context.time().nanos();
            boolean wasOver = isOver();
            try {
                Capture opened = Capture.open(recorder, process, patience, thread.getName());
                context.problems().clear(journal.timelineId(), Problems.Kind.UNCAPTURED);
                return opened;
            } catch (IOException e) {
                boolean isGone = e instanceof NoSuchFileException;
                if ((isGone && overNanos >= timeoutNanos) || startFailure != null) {
                    throw e;
                }
                context.problems()
                        .report(
                                journal.timelineId(),
                                Problems.Kind.UNCAPTURED,
                                "its output waits: it cannot be opened: " + e);
            }
            patience.pause(OPEN_PAUSE.toMillis());
            overNanos += wasOver ? context.time().nanos() - fromNanos : 0;
        }
    }

    private Ending capture(Capture opened) throws IOException, StoppedException {
        while (!isOver()) {
            if (!opened.move()) {
                opened.await(IDLE_WAIT);
            }
        }
        Ending failed = startFailure;
        return failed != null ? failed : drain(opened, draining());
    }

    private Ending endWithoutCapture() throws StoppedException {
        while (!isOver()) {
            patience.pause(IDLE_WAIT.toMillis());
        }
        context.problems().clear(journal.timelineId(), Problems.Kind.UNCAPTURED);
        Ending failed = startFailure;
        return failed != null ? failed : draining();
    }

    /** Whether its end is known, and also whether it ever began. */
    private boolean isOver() {
        return startFailure != null || ((exit != null || ending != null) && startDecided.getCount() == 0);
    }

    /** Records that the process is gone, and how. */
    private Ending draining() throws StoppedException {
        ProcessExit known = exit;
        Ending decided = ending;
        if (decided == null) {
            if (known == null) {
                throw new IllegalStateException("an end without an exit");
            }
            decided = cause.ending(known);
        }
        if (journal.fold().state() != ContainerState.DRAINING) {
            Ending recorded = decided;
            patience.insist(() -> {
                journal.become(ContainerState.DRAINING, recorded.attributes());
                return true;
            });
        }
        return decided;
    }

    /** Takes what the process left behind, and no longer than the time for it if someone still holds its output. */
    private Ending drain(Capture opened, Ending how) throws IOException, StoppedException {
        Duration timeout = context.config().drainTimeout();
        Time time = context.time();
        long startNanos = time.nanos();
        long waitedBeforeNanos = patience.waitedNanos();
        Future<?> timeUp = CompletableFuture.completedFuture(null);
        try {
            while (true) {
                boolean hasMoved = opened.move();
                if (opened.isAtEnd()) {
                    return opened.failure().isEmpty() ? how : how.withMessage(opened.failure());
                }
                // Time in which the disk took nothing does not count.
                long usedNanos = time.nanos() - startNanos - (patience.waitedNanos() - waitedBeforeNanos);
                long remainingNanos = timeout.toNanos() - usedNanos;
                if (opened.awaitsKept()) {
                    opened.await(IDLE_WAIT);
                    continue;
                }
                if (remainingNanos <= 0) {
                    return how.withMessage(
                            "%s was still open %d ms after the exit, held by another process; what came later is not recorded"
                                    .formatted(opened.openStreams(), timeout.toMillis()));
                }
                if (!hasMoved) {
                    if (timeUp.isDone()) {
                        timeUp = context.background()
                                .schedule("the drain timeout", Duration.ofNanos(remainingNanos), this::wakeup);
                    }
                    opened.await(IDLE_WAIT);
                }
            }
        } finally {
            timeUp.cancel(false);
        }
    }

    private void delete() {
        try {
            process.delete();
        } catch (ContainerRuntimeException e) {
            log.warn("{}: the runtime keeps the ended process: {}", journal.timelineId(), e.getMessage());
        }
    }

    /** Stops capturing; the process is left to the next server. Returns at once; {@link #join} waits. */
    void stop() {
        patience.stop();
        startDecided.countDown();
        wakeup();
    }

    void join() {
        if (thread.getState() == Thread.State.NEW) {
            return; // also one that is about to begin, and is then stopped by who begins it
        }
        try {
            thread.join(JOIN_TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
