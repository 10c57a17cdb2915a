package io.tailrace.runtime.containerd;

import io.tailrace.runtime.containerd.proto.tasks.Process;
import io.tailrace.runtime.containerd.proto.tasks.Status;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What containerd calls the task of a container: its processes, the first one and execs. Thread-safe. */
final class ContainerTask {
    private final Services services;
    private final String id;
    private final Cgroup cgroup;

    ContainerTask(Services services, String id, Cgroup cgroup) {
        this.services = services;
        this.id = id;
        this.cgroup = cgroup;
    }

    /** The id of the first process, from its creation to its end. */
    OptionalLong pid() {
        return calls("")
                .find()
                .filter(task -> switch (task.getStatus()) {
                    case CREATED, RUNNING, PAUSED, PAUSING -> true;
                    default -> false;
                })
                .map(task -> OptionalLong.of(task.getPid()))
                .orElse(OptionalLong.empty());
    }

    /** The id of the first process. @throws ContainerRuntimeException FAILED_PRECONDITION if it does not run */
    long runningPid() {
        return calls("")
                .find()
                .filter(task -> switch (task.getStatus()) {
                    case RUNNING, PAUSED, PAUSING -> true;
                    default -> false;
                })
                .map(task -> (long) task.getPid())
                .orElseThrow(this::notRunning);
    }

    ContainerRuntimeException notRunning() {
        return new ContainerRuntimeException(Code.FAILED_PRECONDITION, "container %s does not run".formatted(id));
    }

    /** @param execId empty: the first process's */
    ProcessCalls calls(String execId) {
        return new ProcessCalls(services.containerd(), id, execId);
    }

    /**
     * A process that this server prepares.
     *
     * @param killsBefore the cgroup's count of kills for memory before it
     * @param prepareFailure what its start is to fail with
     * @param deleted told when it is deleted
     */
    ContainerdProcess prepared(
            String execId,
            Stdio stdio,
            long killsBefore,
            @Nullable ContainerRuntimeException prepareFailure,
            Runnable deleted) {
        return process(execId, stdio, killsBefore, false, prepareFailure, deleted);
    }

    /** A process that an earlier server prepared; it is watched. */
    ContainerdProcess recovered(String execId, Stdio stdio, long killsBefore, Runnable deleted) {
        boolean isStarted = isStarted(calls(execId));
        try {
            stdio.takeOver(services.keeper(), isStarted);
        } catch (IOException failure) {
            throw Failures.of("recover container " + id, failure);
        }
        return process(execId, stdio, killsBefore, isStarted, null, deleted).watched();
    }

    private static boolean isStarted(ProcessCalls calls) {
        Optional<Process> found = calls.find();
        if (found.isEmpty() || found.get().getStatus() != Status.CREATED) {
            return true;
        }
        if (!calls.isInit() || !calls.hasBegun(found.get())) {
            return false;
        }
        Failures.calling("recover " + calls.name(), () -> calls.startAgain(found.get()));
        return true;
    }

    private ContainerdProcess process(
            String execId,
            Stdio stdio,
            long killsBefore,
            boolean isStarted,
            @Nullable ContainerRuntimeException prepareFailure,
            Runnable deleted) {
        ExitWatch watch = new ExitWatch(services.containerd(), id, execId, cgroup, killsBefore);
        return new ContainerdProcess(
                calls(execId), services.keeper(), stdio, watch, isStarted, prepareFailure, deleted);
    }
}
