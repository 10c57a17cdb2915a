package io.tailrace.client;

import io.tailrace.api.v1.UpdateContainerRequest;

/** What is to be changed of a container; what is not said stays as it is. 0 and empty lift a limit. Not thread-safe. */
public final class ContainerUpdate {
    private static final double NANOS = 1e9;

    private final UpdateContainerRequest.Builder update = UpdateContainerRequest.newBuilder();

    /** Changes nothing yet. */
    public ContainerUpdate() {}

    /** Limits memory. @param size such as {@code 64m} or {@code 1.5g} */
    public ContainerUpdate memory(String size) {
        update.setMemoryBytes(ByteSize.parse("memory", size));
        return this;
    }

    /** Limits memory and swap together. @param size such as {@code 128m}; {@code -1} for no limit */
    public ContainerUpdate memorySwap(String size) {
        update.setMemorySwapBytes(size.equals("-1") ? -1 : ByteSize.parse("memory swap", size));
        return this;
    }

    /** Limits processor time. @param processors such as 0.5 or 2 */
    public ContainerUpdate cpus(double processors) {
        if (!(processors >= 0)) {
            throw new TailraceException(ErrorCode.INVALID_ARGUMENT, "cpus: %s (expected: >= 0)".formatted(processors));
        }
        update.setCpuNanos(Math.round(processors * NANOS));
        return this;
    }

    /** Its weight where processors are scarce; 1024 is the usual. */
    public ContainerUpdate cpuShares(long shares) {
        update.setCpuShares(shares);
        return this;
    }

    /** The processors it may run on, as in {@code 0-1,3}. */
    public ContainerUpdate cpuset(String processors) {
        update.setCpus(processors);
        return this;
    }

    /** Limits the number of processes and threads. */
    public ContainerUpdate pids(long processes) {
        update.setPids(processes);
        return this;
    }

    /** Whether it is started again when its process has ended by itself, from the next end on. */
    public ContainerUpdate restart(RestartPolicy policy) {
        update.setRestart(ContainerWire.message(policy));
        return this;
    }

    UpdateContainerRequest request(String container) {
        return update.clone().setContainer(container).build();
    }
}
