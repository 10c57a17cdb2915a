package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A command that is run in the container, with the container's environment, user and working directory. It is an exec of the
 * runtime's that the engine does not show: it has no timeline, and its id is always the same, so that one which an earlier
 * server left is found and ended before the next one begins.
 */
final class CommandProbe implements Probe {
    /** Not for clients' execs. */
    static final String EXEC_ID = "tailrace-health";

    private static final Duration KILL_TIMEOUT = Duration.ofSeconds(10);

    private final Time time;
    private final ProcessSpec spec;
    private final Duration timeout;

    CommandProbe(Time time, List<String> command, ProcessSpec init, Duration timeout) {
        this.time = time;
        this.timeout = timeout;
        spec = ProcessDefaults.exec(new NewExec("", command, Map.of(), "", "", false, null, false), init);
    }

    @Override
    public Optional<ProbeResult> run(RuntimeContainer container, CompletableFuture<?> isOver)
            throws InterruptedException {
        try {
            Optional<RuntimeProcess> left = container.recoverExec(EXEC_ID);
            if (left.isPresent()) {
                end(left.get());
            }
            return run(container.prepareExec(EXEC_ID, spec), isOver);
        } catch (ContainerRuntimeException e) {
            return unrun(e);
        }
    }

    /** What it says about the container that its probe was not run. */
    static Optional<ProbeResult> unrun(ContainerRuntimeException e) {
        String why = String.valueOf(e.getMessage());
        return switch (e.code()) {
            // The runtime is away, or the container is about to end.
            case UNAVAILABLE, FAILED_PRECONDITION, NOT_FOUND -> Optional.empty();
            case COMMAND_NOT_FOUND -> Optional.of(ProbeResult.of(EngineProcess.EXIT_CODE_NOT_FOUND, why));
            case COMMAND_NOT_EXECUTABLE -> Optional.of(ProbeResult.of(EngineProcess.EXIT_CODE_NOT_EXECUTABLE, why));
            default -> Optional.of(ProbeResult.failed(why));
        };
    }

    private Optional<ProbeResult> run(RuntimeProcess process, CompletableFuture<?> isOver) throws InterruptedException {
        try (ProbeOutput output = ProbeOutput.open(process)) {
            process.start();
            CompletableFuture<ProcessExit> exit = process.exit();
            boolean isInTime;
            try {
                isInTime = await(CompletableFuture.anyOf(exit, isOver), timeout);
            } catch (InterruptedException e) {
                end(process);
                throw e;
            }
            if (!exit.isDone()) {
                end(process);
                output.say("the probe did not end within %s, and was killed".formatted(timeout));
                return isInTime
                        ? Optional.empty()
                        : Optional.of(new ProbeResult(ProbeResult.NO_EXIT_CODE, output.taken()));
            }
            output.awaitEnd();
            ProcessExit how = exit.getNow(null);
            boolean isKnown = how != null && !how.isLost() && !exit.isCompletedExceptionally();
            return Optional.of(new ProbeResult(isKnown ? how.exitCode() : ProbeResult.NO_EXIT_CODE, output.taken()));
        } catch (IOException e) {
            return Optional.of(ProbeResult.failed("the probe's output cannot be read: " + e));
        } finally {
            if (!Thread.currentThread().isInterrupted()) {
                deleteQuietly(process);
            }
        }
    }

    /**
     * Kills it if it runs, and lets the runtime forget it; also where the server is closing, so that none is left behind.
     *
     * @throws ContainerRuntimeException if it cannot be ended
     */
    private static void end(RuntimeProcess process) {
        boolean wasInterrupted = false;
        RuntimeProcess.Status status = process.status();
        if (status == RuntimeProcess.Status.RUNNING || status == RuntimeProcess.Status.PAUSED) {
            try {
                process.signal(Signal.KILL.number());
            } catch (ContainerRuntimeException e) {
                if (e.code() != Code.FAILED_PRECONDITION) {
                    throw e;
                }
            }
            long deadlineNanos = System.nanoTime() + KILL_TIMEOUT.toNanos();
            boolean isEnded = false;
            while (!isEnded && System.nanoTime() < deadlineNanos) {
                try {
                    process.exit().get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
                    isEnded = true;
                } catch (ExecutionException e) {
                    isEnded = true; // its exit will never be known
                } catch (TimeoutException e) {
                    break;
                } catch (InterruptedException e) {
                    wasInterrupted = true;
                }
            }
            if (!isEnded) {
                throw new ContainerRuntimeException(
                        Code.DEADLINE_EXCEEDED,
                        "a probe that was killed did not end within %s".formatted(KILL_TIMEOUT));
            }
        }
        process.delete();
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean await(CompletableFuture<?> future, Duration limit) throws InterruptedException {
        try {
            return time.await(future, limit);
        } catch (ExecutionException e) {
            return true; // its exit will never be known
        }
    }

    private static void deleteQuietly(RuntimeProcess process) {
        try {
            process.delete();
        } catch (ContainerRuntimeException e) {
            // The next probe finds it, and says so if it cannot be ended.
        }
    }
}
