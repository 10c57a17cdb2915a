package io.tailrace.runtime.containerd;

import static io.tailrace.runtime.containerd.proto.tasks.Status.CREATED;
import static io.tailrace.runtime.containerd.proto.tasks.Status.STOPPED;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.containerd.proto.tasks.CloseIORequest;
import io.tailrace.runtime.containerd.proto.tasks.DeleteProcessRequest;
import io.tailrace.runtime.containerd.proto.tasks.DeleteTaskRequest;
import io.tailrace.runtime.containerd.proto.tasks.GetRequest;
import io.tailrace.runtime.containerd.proto.tasks.KillRequest;
import io.tailrace.runtime.containerd.proto.tasks.Process;
import io.tailrace.runtime.containerd.proto.tasks.ResizePtyRequest;
import io.tailrace.runtime.containerd.proto.tasks.StartRequest;
import io.tailrace.runtime.containerd.proto.tasks.WaitRequest;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What containerd is asked of one process. What fails is a StatusRuntimeException: what it means depends on who asks, but
 * for {@link #find}.
 *
 * @param execId empty: the init process of the container's task
 */
record ProcessCalls(Containerd containerd, String containerId, String execId) {
    private static final long KILL_MILLIS = 10_000;
    /** The exit code of runc's own first process when it cannot go on. */
    private static final int INIT_FAILED = 1;
    /** The exit code of SIGKILL, the one signal that ends the first process of a container before it handles any. */
    private static final int KILLED = 128 + 9;

    /** What it is called in errors. */
    String name() {
        return isInit() ? "container " + containerId : "exec " + execId + " of container " + containerId;
    }

    boolean isInit() {
        return execId.isEmpty();
    }

    /** @return the pid */
    long start() {
        return containerd
                .tasks()
                .start(StartRequest.newBuilder()
                        .setContainerId(containerId)
                        .setExecId(execId)
                        .build())
                .getPid();
    }

    /** Where an init process waits for its start. */
    private StartFifo startFifo(Process init) {
        return new StartFifo(containerd.namespace(), containerId, init.getPid());
    }

    /** Whether an init process that containerd has for created has begun all the same. */
    boolean hasBegun(Process init) {
        return init.getStatus() == CREATED && startFifo(init).isPassed();
    }

    /** Starts an init process whose start broke off, or has containerd know that it began. @return the pid */
    long startAgain(Process init) {
        try {
            return startFifo(init).passing(this::start);
        } catch (IOException failure) {
            throw Failures.of("start " + name(), failure);
        }
    }

    /**
     * Whether the start of an init process was cut off half-way: it has ended, and the fifo on which it waited for its start
     * is still there. So it is found when {@code runc start} is killed after it has opened the fifo and before it has read from
     * it: then it has not become what it was to run, and has failed, or was killed. One with another exit code has run.
     */
    boolean isGivenUp(Process init) {
        return init.getStatus() == STOPPED
                && (init.getExitStatus() == INIT_FAILED || init.getExitStatus() == KILLED)
                && startFifo(init).isLeft();
    }

    /** As containerd has it; empty if it has none. */
    Optional<Process> find() {
        try {
            return Optional.of(containerd
                    .tasks()
                    .get(GetRequest.newBuilder()
                            .setContainerId(containerId)
                            .setExecId(execId)
                            .build())
                    .getProcess());
        } catch (StatusRuntimeException failure) {
            if (Failures.is(failure, Status.Code.NOT_FOUND)) {
                return Optional.empty();
            }
            throw Failures.of("look up " + name(), failure);
        }
    }

    void kill(int signal) {
        containerd
                .tasks()
                .kill(KillRequest.newBuilder()
                        .setContainerId(containerId)
                        .setExecId(execId)
                        .setSignal(signal)
                        .build());
    }

    void resize(TerminalSize size) {
        containerd
                .tasks()
                .resizePty(ResizePtyRequest.newBuilder()
                        .setContainerId(containerId)
                        .setExecId(execId)
                        .setWidth(size.columns())
                        .setHeight(size.rows())
                        .build());
    }

    void closeStdin() {
        containerd
                .tasks()
                .closeIO(CloseIORequest.newBuilder()
                        .setContainerId(containerId)
                        .setExecId(execId)
                        .setStdin(true)
                        .build());
    }

    /** Waits for the end of an init process that was killed. */
    void awaitKilled() {
        containerd
                .tasks()
                .withDeadlineAfter(KILL_MILLIS, TimeUnit.MILLISECONDS)
                .wait(WaitRequest.newBuilder().setContainerId(containerId).build());
    }

    void delete() {
        if (isInit()) {
            containerd
                    .tasks()
                    .delete(DeleteTaskRequest.newBuilder()
                            .setContainerId(containerId)
                            .build());
        } else {
            containerd
                    .tasks()
                    .deleteProcess(DeleteProcessRequest.newBuilder()
                            .setContainerId(containerId)
                            .setExecId(execId)
                            .build());
        }
    }
}
