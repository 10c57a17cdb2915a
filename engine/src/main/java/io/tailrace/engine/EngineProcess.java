package io.tailrace.engine;

import io.tailrace.log.ExitReason;
import io.tailrace.log.StdStream;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.RuntimeProcess;
import io.tailrace.runtime.spi.TerminalSize;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The process behind a timeline, init or exec: starts it, adopts it after a restart of the server, and hands commands to
 * its current run. Thread-safe: the states in the journal decide who may do what.
 */
final class EngineProcess implements ContainerProcess {
    static final int EXIT_CODE_NOT_FOUND = 127;
    static final int EXIT_CODE_NOT_EXECUTABLE = 126;
    private static final Duration RETRY_PAUSE = Duration.ofMillis(100);
    private static final Duration CLEAN_UP_TIMEOUT = Duration.ofSeconds(60);

    private final EngineContext context;
    private final Journal journal;
    private final OnFullDisk onFullDisk;
    private final Runnable onEnd;
    private final Runnable thaw;
    private final Discards discards;
    private final ProcessAdoption adoption;

    /** The current or the last run; null before the first and where an earlier server has seen the last one end. */
    private volatile @Nullable ProcessRun run;

    /**
     * A process that does not run yet.
     *
     * @param onEnd called after each run, when the runtime has forgotten its process
     * @param thaw lets a frozen process see a kill
     */
    EngineProcess(EngineContext context, Journal journal, OnFullDisk onFullDisk, Runnable onEnd, Runnable thaw) {
        this.onFullDisk = onFullDisk;
        this.thaw = thaw;
        this.context = context;
        this.journal = journal;
        this.onEnd = onEnd;
        boolean isForeign = journal.fold().made().containsKey(LifecycleEntry.FOREIGN);
        this.discards = new Discards(context, journal.timelineId(), isForeign);
        this.adoption = new ProcessAdoption(context, journal, discards);
    }

    Journal journal() {
        return journal;
    }

    @Nullable ProcessRun run() {
        return run;
    }

    /**
     * Starts it; returns when it runs. What cannot be started has an Exit that says so, and the failure is thrown.
     *
     * @param condition that must still hold when the start is recorded; else FAILED_PRECONDITION
     */
    void start(Supplier<RuntimeProcess> prepare, Predicate<Fold> condition) {
        awaitCleanUp();
        journal.become(ContainerState.STARTING, Map.of(), condition);
        RuntimeProcess process;
        try {
            process = prepare.get();
        } catch (ContainerRuntimeException e) {
            endFailedStart(startFailure(e));
            throw RuntimeCalls.failure(e);
        }
        ProcessRun begun = new ProcessRun(context, journal, process, onFullDisk, true, onEnd);
        begin(begun);
        try {
            process.start();
        } catch (ContainerRuntimeException e) {
            begun.startFailed(startFailure(e));
            awaitCleanUp();
            throw RuntimeCalls.failure(e);
        }
        try {
            begun.patience().insist(() -> {
                journal.become(ContainerState.RUNNING, Map.of(Fold.PID, Long.toString(process.pid())));
                return true;
            });
        } catch (StoppedException e) {
            throw new EngineException(ErrorCode.UNAVAILABLE, "the server is closing", e);
        }
        begun.started();
    }

    private void begin(ProcessRun begun) {
        run = begun;
        begun.begin();
        if (context.isClosing().get()) {
            begun.stop();
        }
    }

    /** Records the end of what never ran. Where there is no room for it now, it is recorded when there is. */
    private void endFailedStart(Ending how) {
        try {
            journal.exit(how);
            context.background().run("the end of " + timelineId(), onEnd);
        } catch (EngineException e) {
            context.problems().report(timelineId(), Problems.Kind.WAITING, "its records wait: " + e.getMessage());
            context.background().run("the end of " + timelineId(), () -> {
                Patience patience = new Patience(context.time(), context.problems(), timelineId());
                try {
                    patience.pause(RETRY_PAUSE.toMillis());
                    patience.insist(() -> {
                        journal.exit(how);
                        return true;
                    });
                } catch (StoppedException stopped) {
                    return; // the next server finds that it was being started
                }
                context.problems().clear(timelineId(), Problems.Kind.WAITING);
                onEnd.run();
            });
        }
    }

    private Ending startFailure(ContainerRuntimeException e) {
        int exitCode = switch (e.code()) {
            case COMMAND_NOT_FOUND -> EXIT_CODE_NOT_FOUND;
            case COMMAND_NOT_EXECUTABLE -> EXIT_CODE_NOT_EXECUTABLE;
            default -> Ending.EXIT_CODE_START_FAILED;
        };
        return new Ending(ExitReason.START_FAILED, exitCode, nowNanos(), String.valueOf(e.getMessage()));
    }

    private long nowNanos() {
        return Fold.nanos(context.clock().instant());
    }

    /** Goes on with what an earlier server left. @param found the runtime's process; empty if it has none */
    void adopt(Optional<RuntimeProcess> found) {
        if (run != null) {
            // It is: the adoption failed elsewhere in its container, and is tried again.
            return;
        }
        adoption.adopt(found).ifPresent(process -> {
            ProcessRun adopted = new ProcessRun(context, journal, process, onFullDisk, false, onEnd);
            adopted.started();
            begin(adopted);
        });
    }

    /** Ends what an earlier server made and did not come to start, where nobody else would start it. */
    void endUnstarted() {
        adoption.endUnstarted();
    }

    /** What becomes of processes that are over. */
    Discards discards() {
        return discards;
    }

    /** Waits until the runtime has forgotten the process of the last run, if that has ended. */
    void awaitCleanUp() {
        ProcessRun last = run;
        if (last == null || (!journal.fold().state().isOver() && journal.fold().state() != ContainerState.STARTING)) {
            return;
        }
        try {
            last.done().get(CLEAN_UP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StoppedException) {
                throw new EngineException(ErrorCode.UNAVAILABLE, "the server is closing", e);
            }
            discards.discard(last.process());
        } catch (TimeoutException e) {
            throw new EngineException(
                    ErrorCode.DEADLINE_EXCEEDED,
                    "%s: its last run was not cleaned up within %d s"
                            .formatted(journal.title(), CLEAN_UP_TIMEOUT.toSeconds()),
                    e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    static EngineException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new EngineException(ErrorCode.UNAVAILABLE, "interrupted", e);
    }

    /** The end of the current run's clean-up; at once if nothing runs. */
    CompletableFuture<Void> done() {
        ProcessRun last = run;
        return last == null ? CompletableFuture.completedFuture(null) : last.done();
    }

    /** The run that is up. FAILED_PRECONDITION with the history if none is. */
    ProcessRun runThatIsUp(String wanted) {
        ProcessRun current = run;
        if (current == null || !journal.fold().state().isUp()) {
            throw journal.illegal(wanted);
        }
        return current;
    }

    @Override
    public String timelineId() {
        return journal.timelineId();
    }

    @Override
    public ProcessStatus status() {
        return journal.fold().status();
    }

    @Override
    public String problem() {
        return context.problems().of(timelineId());
    }

    @Override
    public Subscription subscribe(SubscriptionRequest request) {
        return TimelineSubscription.open(journal, request);
    }

    @Override
    public OutputLine awaitLine(LineRequest request) throws InterruptedException {
        return LineWait.await(context, journal, request);
    }

    @Override
    public long streamLength(StdStream stream) {
        return journal.timeline().streamLength(stream);
    }

    @Override
    public long offsetAtTime(StdStream stream, Instant time) {
        return OutputOffsets.atTime(journal, stream, time);
    }

    @Override
    public long offsetOfLastLines(StdStream stream, long lines, @Nullable Instant until) {
        return OutputOffsets.ofLastLines(journal, stream, lines, until);
    }

    @Override
    public long writeStdin(long offset, ByteBuffer data) throws InterruptedException {
        return openStdin().write(offset, data);
    }

    private Stdin openStdin() {
        ProcessRun current = run;
        ContainerState state = journal.fold().state();
        if (current == null || !(state.isUp() || state == ContainerState.STARTING)) {
            throw journal.illegal("stdin");
        }
        Stdin stdin = current.stdin();
        if (stdin == null) {
            throw new EngineException(
                    ErrorCode.FAILED_PRECONDITION, "%s was made without a stdin".formatted(journal.title()));
        }
        return stdin;
    }

    @Override
    public long stdinOffset() {
        ProcessRun current = run;
        Stdin stdin = current == null ? null : current.stdin();
        return stdin == null ? 0 : stdin.offset();
    }

    @Override
    public void closeStdin() {
        ProcessRun current = run;
        Stdin stdin = current == null ? null : current.stdin();
        if (stdin != null) {
            stdin.close();
        }
    }

    @Override
    public void resize(TerminalSize size) {
        ProcessRun current = runThatIsUp("resize");
        RuntimeCalls.run(() -> current.process().resize(size));
    }

    @Override
    public void signal(Signal signal) {
        ProcessRun current = runThatIsUp("signal " + signal.name());
        current.cause().signal(signal.number(), context.clock().instant());
        RuntimeCalls.run(() -> current.process().signal(signal.number()));
        if (signal.number() == Signal.KILL.number() && journal.fold().state() == ContainerState.PAUSED) {
            thaw.run();
        }
    }

    /** Stops capturing; the process is left to the next server. */
    void stop() {
        ProcessRun current = run;
        if (current != null) {
            current.stop();
        }
    }

    /** Waits until capturing has stopped. */
    void join() {
        ProcessRun current = run;
        if (current != null) {
            current.join();
        }
    }
}
