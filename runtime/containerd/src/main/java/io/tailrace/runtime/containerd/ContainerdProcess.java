package io.tailrace.runtime.containerd;

import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.containerd.proto.tasks.Process;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.ProcessInput;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.RuntimeProcess;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A process that containerd has: the init process of a container's task, or an exec process. Thread-safe. What containerd
 * knows is asked of it; kept here are only its stdio and the wait for its exit.
 */
final class ContainerdProcess implements RuntimeProcess {
    private static final int SIGKILL = 9;
    private static final int SIGNAL_MAX = 64;
    /** How long containerd may take to come back and tell whether a process was started. */
    private static final long DOUBT_MILLIS = 30_000;

    private static final long DOUBT_PAUSE_MILLIS = 100;

    private final ProcessCalls calls;
    private final KeeperClient keeper;
    private final Stdio stdio;
    private final ExitWatch watch;
    private final @Nullable StdinPipe stdin;
    /** Why containerd could not even prepare it; told by start(), whose place that is. */
    private final @Nullable ContainerRuntimeException prepareFailure;

    /** Guarded by this: a size that waits for the terminal to exist. */
    private @Nullable TerminalSize pendingSize;

    private volatile boolean isStarted;
    /** What containerd said when it was started here; 0 if it was not. */
    private volatile long startedPid;

    private final Runnable deleted;

    /**
     * A process that was prepared, now or by an earlier server.
     *
     * @param deleted told once it is deleted
     */
    ContainerdProcess(
            ProcessCalls calls,
            KeeperClient keeper,
            Stdio stdio,
            ExitWatch watch,
            boolean isStarted,
            @Nullable ContainerRuntimeException prepareFailure,
            Runnable deleted) {
        this.calls = calls;
        this.keeper = keeper;
        this.stdio = stdio;
        this.watch = watch;
        this.isStarted = isStarted;
        this.prepareFailure = prepareFailure;
        this.deleted = deleted;
        stdin = stdio.hasStdin() ? new StdinPipe(stdio, watch::isExited, this::closeStdinInShim) : null;
    }

    /** Begins to await the exit. */
    ContainerdProcess watched() {
        watch.start();
        return this;
    }

    @Override
    public ProcessOutput stdout() {
        return new ProcessOutput.Pipe(stdio.stdout());
    }

    @Override
    public Optional<ProcessOutput> stderr() {
        return stdio.hasTerminal() ? Optional.empty() : Optional.of(new ProcessOutput.Pipe(stdio.stderr()));
    }

    @Override
    public Optional<ProcessInput> stdin() {
        return Optional.ofNullable(stdin);
    }

    @Override
    public void start() {
        if (prepareFailure != null) {
            stdio.releaseStandIns();
            throw prepareFailure;
        }
        try {
            startedPid = calls.start();
        } catch (StatusRuntimeException failure) {
            if (!Failures.isInDoubt(failure) || !isStartedAllTheSame()) {
                throw startFailure(failure);
            }
        } finally {
            stdio.releaseStandIns();
        }
        isStarted = true;
        TerminalSize size;
        synchronized (this) {
            size = pendingSize;
            pendingSize = null;
        }
        if (size != null) {
            resize(size);
        }
    }

    private ContainerRuntimeException startFailure(StatusRuntimeException failure) {
        return StartFailure.of(failure).orElseGet(() -> Failures.of("start " + calls.name(), failure));
    }

    /**
     * Whether a start that broke off was done. A containerd that was killed knows it when it is back: if it was not, it
     * is repeated. Without this a process could run that everybody takes for one that never started.
     *
     * <p>The start of an exec is not repeated: the shim has given up on the first one when its connection broke, and if
     * such an exec is started all the same, the shim dies when it exits (containerd 1.6: "close of closed channel"), and
     * the container with it.
     */
    private boolean isStartedAllTheSame() {
        long deadlineNanos = System.nanoTime() + DOUBT_MILLIS * 1_000_000;
        while (System.nanoTime() < deadlineNanos && !calls.containerd().isClosed()) {
            try {
                Thread.sleep(DOUBT_PAUSE_MILLIS);
                Optional<Process> process = calls.find();
                if (process.isEmpty()) {
                    return false;
                }
                boolean isStarted =
                        process.get().getStatus() != io.tailrace.runtime.containerd.proto.tasks.Status.CREATED;
                if (!isStarted && calls.isInit()) {
                    startedPid = calls.startAgain(process.get());
                    return true;
                }
                return isStarted && !(calls.isInit() && calls.isGivenUp(process.get()));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return false;
            } catch (StatusRuntimeException failure) {
                if (!Failures.isInDoubt(failure)) {
                    throw startFailure(failure);
                }
            } catch (ContainerRuntimeException failure) {
                if (failure.code() != Code.UNAVAILABLE && failure.code() != Code.DEADLINE_EXCEEDED) {
                    throw failure;
                }
            }
        }
        return false;
    }

    @Override
    public CompletableFuture<ProcessExit> exit() {
        return watch.exit().copy();
    }

    @Override
    public Status status() {
        if (prepareFailure != null) {
            return Status.CREATED;
        }
        return calls.find()
                .map(process -> switch (process.getStatus()) {
                    case CREATED -> Status.CREATED;
                    case RUNNING -> Status.RUNNING;
                    case PAUSED, PAUSING -> Status.PAUSED;
                    default -> Status.EXITED;
                })
                .orElse(Status.EXITED);
    }

    @Override
    public long pid() {
        if (startedPid != 0 && !watch.isExited()) {
            return startedPid;
        }
        return calls.find()
                .filter(process -> switch (process.getStatus()) {
                    case RUNNING, PAUSED, PAUSING -> true;
                    default -> false;
                })
                .map(process -> (long) process.getPid())
                .orElse(0L);
    }

    @Override
    public void signal(int number) {
        if (number < 1 || number > SIGNAL_MAX) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "signal: %d (expected: 1 to %d)".formatted(number, SIGNAL_MAX));
        }
        if (!isStarted || watch.isExited()) {
            throw notRunning();
        }
        if (number == SIGKILL) {
            watch.killing();
        }
        try {
            calls.kill(number);
        } catch (StatusRuntimeException failure) {
            if (Failures.is(failure, io.grpc.Status.Code.NOT_FOUND)
                    || Failures.is(failure, io.grpc.Status.Code.FAILED_PRECONDITION)) {
                throw notRunning();
            }
            throw Failures.of("signal " + number + " to " + calls.name(), failure);
        }
    }

    @Override
    public void resize(TerminalSize size) {
        if (!stdio.hasTerminal()) {
            throw new ContainerRuntimeException(Code.FAILED_PRECONDITION, "%s has no terminal".formatted(calls.name()));
        }
        synchronized (this) {
            if (!isStarted && !calls.isInit()) {
                pendingSize = size;
                return;
            }
        }
        try {
            calls.resize(size);
        } catch (StatusRuntimeException failure) {
            if (Failures.is(failure, io.grpc.Status.Code.NOT_FOUND) || watch.isExited()) {
                throw notRunning();
            }
            throw Failures.of("resize " + calls.name(), failure);
        }
    }

    @Override
    public void delete() {
        if (stdin != null) {
            stdin.releasePipe();
        }
        try {
            if (prepareFailure == null) {
                endIfNeverStarted();
                if (isStarted) {
                    watch.settle();
                }
                calls.delete();
            }
        } catch (StatusRuntimeException failure) {
            if (!Failures.is(failure, io.grpc.Status.Code.NOT_FOUND)) {
                throw Failures.of("delete " + calls.name(), failure);
            }
        }
        watch.stop();
        try {
            stdio.remove(keeper);
        } catch (IOException failure) {
            throw Failures.of("delete " + calls.name(), failure);
        }
        deleted.run();
    }

    /** A task that was created and not started holds a process that waits for ever; it has to be killed first. */
    private void endIfNeverStarted() {
        Status status = status();
        if (status == Status.RUNNING || status == Status.PAUSED) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION, "delete %s: it runs (expected: exited)".formatted(calls.name()));
        }
        if (status == Status.CREATED && calls.isInit()) {
            calls.kill(SIGKILL);
            calls.awaitKilled();
        }
    }

    /** A process that is gone has no stdin to close. */
    private void closeStdinInShim() {
        try {
            calls.closeStdin();
        } catch (StatusRuntimeException failure) {
            if (!Failures.is(failure, io.grpc.Status.Code.NOT_FOUND) && !watch.isExited()) {
                throw Failures.of("close stdin of " + calls.name(), failure);
            }
        }
    }

    /** For a runtime that is closed: the process goes on, with its stdin open. */
    void detach() {
        stdio.releaseStandIns();
        if (stdin != null) {
            stdin.releasePipe();
        }
    }

    private ContainerRuntimeException notRunning() {
        return new ContainerRuntimeException(Code.FAILED_PRECONDITION, "%s does not run".formatted(calls.name()));
    }
}
