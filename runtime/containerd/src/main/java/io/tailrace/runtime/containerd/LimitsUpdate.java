package io.tailrace.runtime.containerd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.containerd.proto.tasks.UpdateTaskRequest;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import java.util.Map;

/**
 * Changes the limits of a container: of its processes, if it has any, then in the specification of its next run, which stays
 * as it was where the kernel refuses some of them.
 */
record LimitsUpdate(StoredContainer stored, Cgroup cgroup, Containerd containerd, ProcessCalls init, String id) {
    /** What the kernel says of a memory limit below what is in use, and runc, which looks first. */
    private static final String[] IN_USE = {"device or resource busy", "unable to set memory limit"};

    /** What the kernel says of processors or figures that this machine has not. */
    private static final String[] NOT_HERE = {"invalid argument", "numerical result out of range", "permission denied"};

    void to(Limits limits) {
        Map<String, Object> forLater = OciResources.of(limits);
        boolean hasTask = init.find()
                .filter(task -> task.getStatus() != io.tailrace.runtime.containerd.proto.tasks.Status.STOPPED)
                .isPresent();
        if (hasTask) {
            updateTaskOrNothing(limits);
        }
        Failures.calling("update container " + id, () -> {
            stored.updateLimits(forLater);
            return id;
        });
    }

    private void updateTaskOrNothing(Limits limits) {
        Limits before = Failures.calling("limits of container " + id, stored::limits);
        try {
            updateTask(limits);
        } catch (StatusRuntimeException failure) {
            if (!isOver(failure)) {
                ContainerRuntimeException refused = refused(limits, failure);
                restore(before, refused);
                throw refused;
            }
        }
    }

    private void updateTask(Limits limits) {
        containerd
                .tasks()
                .update(UpdateTaskRequest.newBuilder()
                        .setContainerId(id)
                        .setResources(OciSpec.any(OciSpec.RESOURCES_TYPE, OciResources.forUpdate(limits, cgroup)))
                        .build());
    }

    /** runc itself leaves what it had changed before the kernel refused the rest. */
    private void restore(Limits before, ContainerRuntimeException refused) {
        try {
            updateTask(before);
        } catch (StatusRuntimeException failure) {
            refused.addSuppressed(failure);
        }
    }

    /** Whether its process has just ended, so that its next run alone is to have them. */
    private boolean isOver(StatusRuntimeException failure) {
        return Failures.is(failure, Status.Code.NOT_FOUND)
                || init.find()
                        .filter(task -> task.getStatus() != io.tailrace.runtime.containerd.proto.tasks.Status.STOPPED)
                        .isEmpty();
    }

    private ContainerRuntimeException refused(Limits limits, StatusRuntimeException failure) {
        String words = Failures.description(failure);
        if (says(words, IN_USE)) {
            return new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION,
                    "memory: %d (expected: at least what container %s uses now)".formatted(limits.memoryBytes(), id),
                    failure);
        }
        if (says(words, NOT_HERE) && says(words, "cpuset")) {
            return new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "cpus: %s (expected: processors that are there)".formatted(limits.cpus()),
                    failure);
        }
        if (says(words, NOT_HERE)) {
            return new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "limits of container %s: %s".formatted(id, words), failure);
        }
        return Failures.of("update container " + id, failure);
    }

    private static boolean says(String words, String... some) {
        for (String each : some) {
            if (words.contains(each)) {
                return true;
            }
        }
        return false;
    }
}
