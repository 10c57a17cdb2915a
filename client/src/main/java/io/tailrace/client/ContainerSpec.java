package io.tailrace.client;

import io.tailrace.api.v1.ArgumentList;
import io.tailrace.api.v1.CreateContainerRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a container is to be. Each method sets one thing and returns this; what is not set is as the image says, or the
 * server's default. Not thread-safe. A value that is out of range is INVALID_ARGUMENT, here or when the server sees it.
 */
public final class ContainerSpec {
    private static final double NANOS = 1e9;

    private final CreateContainerRequest.Builder request = CreateContainerRequest.newBuilder();
    private final io.tailrace.api.v1.ContainerSpec.Builder spec = request.getSpecBuilder();

    /** A container of an image, given by reference ({@code busybox}, {@code localhost:5000/app:1}) or id. */
    public ContainerSpec(String image) {
        spec.setImage(image);
    }

    /** The id, 64 lower-case hex digits: a repeated request with it makes no second container. By default a random one. */
    public ContainerSpec id(String id) {
        request.setId(id);
        return this;
    }

    /** A unique name: {@code [a-zA-Z0-9][a-zA-Z0-9_.-]*}. By default the server makes one. */
    public ContainerSpec name(String name) {
        request.setName(name);
        return this;
    }

    /** What to run; replaces the image's command. */
    public ContainerSpec command(String... command) {
        return command(List.of(command));
    }

    /** What to run; replaces the image's command. */
    public ContainerSpec command(List<String> command) {
        spec.clearCommand().addAllCommand(command);
        return this;
    }

    /** Replaces the image's entrypoint, also by none. */
    public ContainerSpec entrypoint(String... entrypoint) {
        spec.setEntrypoint(ArgumentList.newBuilder().addAllArguments(List.of(entrypoint)));
        return this;
    }

    /** Adds an environment variable. */
    public ContainerSpec env(String name, String value) {
        spec.putEnvironment(name, value);
        return this;
    }

    /** Adds environment variables. */
    public ContainerSpec env(Map<String, String> environment) {
        spec.putAllEnvironment(environment);
        return this;
    }

    /** The absolute path to run in. */
    public ContainerSpec workingDirectory(String directory) {
        spec.setWorkingDirectory(directory);
        return this;
    }

    /** Who runs: {@code user[:group]}, names or numbers. */
    public ContainerSpec user(String user) {
        spec.setUser(user);
        return this;
    }

    /** Its own name in its network. */
    public ContainerSpec hostname(String hostname) {
        spec.setHostname(hostname);
        return this;
    }

    /** How it is connected. */
    public ContainerSpec network(NetworkMode network) {
        spec.setNetwork(
                switch (network) {
                    case BRIDGE -> io.tailrace.api.v1.NetworkMode.NETWORK_MODE_BRIDGE;
                    case HOST -> io.tailrace.api.v1.NetworkMode.NETWORK_MODE_HOST;
                    case NONE -> io.tailrace.api.v1.NetworkMode.NETWORK_MODE_NONE;
                });
        return this;
    }

    /** Mounts a path of the server's host. */
    public ContainerSpec bind(String source, String target) {
        spec.addMountsBuilder()
                .setType(io.tailrace.api.v1.Mount.Type.TYPE_BIND)
                .setSource(source)
                .setTarget(target);
        return this;
    }

    /** Mounts a path of the server's host, to be read only. */
    public ContainerSpec bindReadOnly(String source, String target) {
        spec.addMountsBuilder()
                .setType(io.tailrace.api.v1.Mount.Type.TYPE_BIND)
                .setSource(source)
                .setTarget(target)
                .setReadOnly(true);
        return this;
    }

    /** Mounts a file system in memory, without a limit of its own. */
    public ContainerSpec tmpfs(String target) {
        spec.addMountsBuilder()
                .setType(io.tailrace.api.v1.Mount.Type.TYPE_TMPFS)
                .setTarget(target);
        return this;
    }

    /** Mounts a file system in memory. @param size such as {@code 64m} */
    public ContainerSpec tmpfs(String target, String size) {
        spec.addMountsBuilder()
                .setType(io.tailrace.api.v1.Mount.Type.TYPE_TMPFS)
                .setTarget(target)
                .setSizeBytes(ByteSize.parse("tmpfs size", size));
        return this;
    }

    /** Makes the root file system read-only. */
    public ContainerSpec readOnlyRoot() {
        spec.setReadOnlyRoot(true);
        return this;
    }

    /** Limits memory. @param size such as {@code 64m} or {@code 1.5g} */
    public ContainerSpec memory(String size) {
        spec.getLimitsBuilder().setMemoryBytes(ByteSize.parse("memory", size));
        return this;
    }

    /** Limits memory and swap together. @param size such as {@code 128m}; {@code -1} for no limit */
    public ContainerSpec memorySwap(String size) {
        spec.getLimitsBuilder().setMemorySwapBytes(size.equals("-1") ? -1 : ByteSize.parse("memory swap", size));
        return this;
    }

    /** Limits processor time. @param processors such as 0.5 or 2 */
    public ContainerSpec cpus(double processors) {
        if (!(processors >= 0)) {
            throw new TailraceException(ErrorCode.INVALID_ARGUMENT, "cpus: %s (expected: >= 0)".formatted(processors));
        }
        spec.getLimitsBuilder().setCpuNanos(Math.round(processors * NANOS));
        return this;
    }

    /** Its weight where processors are scarce; 1024 is the usual. */
    public ContainerSpec cpuShares(long shares) {
        spec.getLimitsBuilder().setCpuShares(shares);
        return this;
    }

    /** The processors it may run on, as in {@code 0-1,3}. */
    public ContainerSpec cpuset(String processors) {
        spec.getLimitsBuilder().setCpus(processors);
        return this;
    }

    /** Limits the number of processes and threads. */
    public ContainerSpec pids(long processes) {
        spec.getLimitsBuilder().setPids(processes);
        return this;
    }

    /** Adds a label. */
    public ContainerSpec label(String name, String value) {
        spec.putLabels(name, value);
        return this;
    }

    /** Lets clients write to its stdin. */
    public ContainerSpec stdin() {
        spec.setStdin(true);
        return this;
    }

    /** Lets one client write to its stdin, which ends when that client leaves. */
    public ContainerSpec stdinOnce() {
        spec.setStdin(true).setStdinOnce(true);
        return this;
    }

    /** Gives it a terminal. */
    public ContainerSpec terminal(TerminalSize size) {
        spec.setTty(true).setTerminalSize(Wire.terminalSize(size));
        return this;
    }

    /** Gives it all capabilities and devices. */
    public ContainerSpec privileged() {
        spec.setPrivileged(true);
        return this;
    }

    /** Adds a capability such as {@code NET_ADMIN}. */
    public ContainerSpec addCapability(String capability) {
        spec.addAddedCapabilities(capability);
        return this;
    }

    /** Takes a capability away. {@code ALL} takes all. */
    public ContainerSpec dropCapability(String capability) {
        spec.addDroppedCapabilities(capability);
        return this;
    }

    /** The signal that asks it to end, such as {@code TERM} or {@code 15}. */
    public ContainerSpec stopSignal(String signal) {
        spec.setStopSignal(signal);
        return this;
    }

    /** How long it has to end before it is killed. */
    public ContainerSpec stopGrace(Duration grace) {
        spec.setStopGrace(Wire.duration(grace));
        return this;
    }

    /** How long it may run; it then ends with reason {@link ExitReason#TIMED_OUT}. */
    public ContainerSpec timeout(Duration timeout) {
        spec.setTimeout(Wire.duration(timeout));
        return this;
    }

    /** What becomes of it when its output has no room on the server's disk; else what the server is configured to do. */
    public ContainerSpec onFullDisk(OnFullDisk policy) {
        spec.setOnFullDisk(
                switch (policy) {
                    case WAIT -> io.tailrace.api.v1.OnFullDisk.ON_FULL_DISK_WAIT;
                    case DROP -> io.tailrace.api.v1.OnFullDisk.ON_FULL_DISK_DROP;
                });
        return this;
    }

    /** Removes it when it has exited; its timeline stays for the server's retention period. */
    public ContainerSpec autoRemove() {
        spec.setAutoRemove(true);
        return this;
    }

    CreateContainerRequest request(boolean isStarted) {
        if (request.getId().isEmpty()) {
            request.setId(Ids.container());
        }
        return request.clone().setStart(isStarted).build();
    }
}
