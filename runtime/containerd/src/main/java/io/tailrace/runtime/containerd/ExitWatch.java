package io.tailrace.runtime.containerd;

import com.google.protobuf.Timestamp;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.containerd.proto.tasks.GetRequest;
import io.tailrace.runtime.containerd.proto.tasks.Process;
import io.tailrace.runtime.containerd.proto.tasks.WaitRequest;
import io.tailrace.runtime.containerd.proto.tasks.WaitResponse;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ProcessExit;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for one process to exit, across restarts of containerd: one virtual thread with one pending call, made anew
 * with growing pauses while containerd cannot be reached. A process that containerd does not know (any more) is lost.
 *
 * <p>Ends with the exit, with {@link #stop}, or when the connection is closed.
 */
final class ExitWatch {
    private static final Logger LOGGER = LoggerFactory.getLogger(ExitWatch.class);
    private static final int KILLED = 137;
    private static final int EXIT_CODE_MASK = 0xff;
    private static final long SETTLE_MILLIS = 2_000;
    private static final long PAUSE_MILLIS_MIN = 20;
    private static final long PAUSE_MILLIS_MAX = 2_000;

    private final Containerd containerd;
    private final String containerId;
    private final String execId;
    private final Cgroup cgroup;
    private volatile long outOfMemoryKillsBefore;
    private final CompletableFuture<ProcessExit> exit = new CompletableFuture<>();
    private final Thread thread;
    private volatile boolean isStopped;

    /** A wait not begun. @param outOfMemoryKillsBefore what the container's cgroup had counted before this process */
    ExitWatch(Containerd containerd, String containerId, String execId, Cgroup cgroup, long outOfMemoryKillsBefore) {
        this.containerd = containerd;
        this.containerId = containerId;
        this.execId = execId;
        this.cgroup = cgroup;
        this.outOfMemoryKillsBefore = outOfMemoryKillsBefore;
        thread = Thread.ofVirtual().name("exit-" + containerId + "/" + execId).unstarted(this::run);
    }

    /** Begins waiting, once. */
    ExitWatch start() {
        thread.start();
        return this;
    }

    CompletableFuture<ProcessExit> exit() {
        return exit;
    }

    boolean isExited() {
        return exit.isDone();
    }

    /** The process is about to be killed: what the kernel killed until now for memory were others. */
    void killing() {
        if (!exit.isDone()) {
            outOfMemoryKillsBefore = cgroup.outOfMemoryKills();
        }
    }

    /** Gives an exit that has happened the time to arrive. */
    void settle() {
        try {
            exit.get(SETTLE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException notKnown) {
            // It is told as it is.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends waiting; an exit that is not known by now will not be. */
    void stop() {
        isStopped = true;
        thread.interrupt();
        exit.completeExceptionally(new ContainerRuntimeException(
                Code.FAILED_PRECONDITION, "process: %s/%s: deleted before it exited".formatted(containerId, execId)));
    }

    private void run() {
        long pauseMillis = PAUSE_MILLIS_MIN;
        while (!isStopped && !containerd.isClosed()) {
            Optional<ProcessExit> found = await();
            if (found.isPresent()) {
                exit.complete(found.get());
                return;
            }
            try {
                Thread.sleep(pauseMillis);
            } catch (InterruptedException stopped) {
                return;
            }
            pauseMillis = Math.min(2 * pauseMillis, PAUSE_MILLIS_MAX);
        }
    }

    /** Waits in containerd; empty if that has to be tried again. */
    private Optional<ProcessExit> await() {
        try {
            WaitResponse response = containerd
                    .unboundedTasks()
                    .wait(WaitRequest.newBuilder()
                            .setContainerId(containerId)
                            .setExecId(execId)
                            .build());
            return Optional.of(exited(response.getExitStatus(), response.getExitedAt()));
        } catch (StatusRuntimeException failure) {
            if (isStopped || containerd.isClosed()) {
                return Optional.empty();
            }
            return Failures.is(failure, Status.Code.NOT_FOUND) ? Optional.of(lost(failure)) : look();
        }
    }

    /** After a wait that broke: the process may be gone, or its exit known by now. */
    private Optional<ProcessExit> look() {
        try {
            Process process = containerd
                    .tasks()
                    .get(GetRequest.newBuilder()
                            .setContainerId(containerId)
                            .setExecId(execId)
                            .build())
                    .getProcess();
            return process.getStatus() == io.tailrace.runtime.containerd.proto.tasks.Status.STOPPED
                    ? Optional.of(exited(process.getExitStatus(), process.getExitedAt()))
                    : Optional.empty();
        } catch (StatusRuntimeException failure) {
            boolean isGone = Failures.is(failure, Status.Code.NOT_FOUND) && !isStopped;
            return isGone ? Optional.of(lost(failure)) : Optional.empty();
        }
    }

    /** Read before the task is deleted: the count goes with the cgroup. */
    private ProcessExit exited(int status, Timestamp at) {
        int code = status & EXIT_CODE_MASK;
        boolean isOutOfMemory = code == KILLED && cgroup.outOfMemoryKills() > outOfMemoryKillsBefore;
        return new ProcessExit(code, isOutOfMemory, false, Instant.ofEpochSecond(at.getSeconds(), at.getNanos()));
    }

    private ProcessExit lost(StatusRuntimeException failure) {
        LOGGER.warn("process {}/{} is lost: {}", containerId, execId, Failures.description(failure));
        return new ProcessExit(EXIT_CODE_MASK, false, true, Instant.now());
    }
}
