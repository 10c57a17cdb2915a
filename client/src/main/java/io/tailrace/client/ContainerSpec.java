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

    /** More groups for the user, by name or number. */
    public ContainerSpec groups(String... groups) {
        spec.addAllGroups(List.of(groups));
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

    /**
     * Attaches it to a user-defined network, in place of the default bridge; up to eight.
     *
     * @param network its name or id
     * @param aliases names under which the others in it find the container, beside its own name and short id
     */
    public ContainerSpec network(String network, String... aliases) {
        return network(new NetworkAttachment(network, List.of(aliases), ""));
    }

    /** Attaches it to a user-defined network, with all that can be said of it. */
    public ContainerSpec network(NetworkAttachment attachment) {
        spec.addNetworksBuilder()
                .setNetwork(attachment.network())
                .addAllAliases(attachment.aliases())
                .setAddress(attachment.address());
        return this;
    }

    /**
     * A name that it resolves by itself.
     *
     * @param address IPv4 or IPv6, or {@code host-gateway}: the server's host, as the container reaches it
     */
    public ContainerSpec host(String name, String address) {
        spec.addHostsBuilder().setName(name).setAddress(address);
        return this;
    }

    /** Whom it asks for names, by address; at most three. */
    public ContainerSpec dns(String... servers) {
        spec.getDnsBuilder().addAllServers(List.of(servers));
        return this;
    }

    /** Domains in which short names are looked for; {@code .} alone for none. */
    public ContainerSpec dnsSearch(String... domains) {
        spec.getDnsBuilder().addAllSearches(List.of(domains));
        return this;
    }

    /** How it asks for names, as {@code resolv.conf(5)} has it: {@code ndots:2}. */
    public ContainerSpec dnsOption(String... options) {
        spec.getDnsBuilder().addAllOptions(List.of(options));
        return this;
    }

    /** Publishes a TCP port at the same port of all of the host's addresses. */
    public ContainerSpec port(int port) {
        return port(port, port);
    }

    /** Publishes a TCP port at all of the host's addresses. @param hostPort 0 for any that is free */
    public ContainerSpec port(int hostPort, int port) {
        return port(new Port("", hostPort, port, Port.Protocol.TCP));
    }

    /** Publishes a port. {@link ContainerInfo#ports} says where, once it runs. */
    public ContainerSpec port(Port port) {
        spec.addPorts(ContainerWire.port(port));
        return this;
    }

    /** Mounts a path of the server's host. */
    public ContainerSpec bind(String source, String target) {
        return mount(new Mount(Mount.Type.BIND, source, target, false, 0, List.of()));
    }

    /** Mounts a path of the server's host, to be read only. */
    public ContainerSpec bindReadOnly(String source, String target) {
        return mount(new Mount(Mount.Type.BIND, source, target, true, 0, List.of()));
    }

    /** Mounts a file system in memory, without a limit of its own. */
    public ContainerSpec tmpfs(String target) {
        return mount(new Mount(Mount.Type.TMPFS, "", target, false, 0, List.of()));
    }

    /** Mounts a file system in memory. @param size such as {@code 64m} */
    public ContainerSpec tmpfs(String target, String size) {
        return mount(new Mount(Mount.Type.TMPFS, "", target, false, ByteSize.parse("tmpfs size", size), List.of()));
    }

    /** Mounts a named volume, which is made if there is none of the name. */
    public ContainerSpec volume(String name, String target) {
        return mount(new Mount(Mount.Type.VOLUME, name, target, false, 0, List.of()));
    }

    /** Mounts a named volume, to be read only. */
    public ContainerSpec volumeReadOnly(String name, String target) {
        return mount(new Mount(Mount.Type.VOLUME, name, target, true, 0, List.of()));
    }

    /** Mounts a volume of its own, which is removed with it if that is asked for. */
    public ContainerSpec volume(String target) {
        return volume("", target);
    }

    /** Mounts something, with all that can be said of it. */
    public ContainerSpec mount(Mount mount) {
        spec.addMountsBuilder()
                .setType(
                        switch (mount.type()) {
                            case BIND -> io.tailrace.api.v1.Mount.Type.TYPE_BIND;
                            case TMPFS -> io.tailrace.api.v1.Mount.Type.TYPE_TMPFS;
                            case VOLUME -> io.tailrace.api.v1.Mount.Type.TYPE_VOLUME;
                        })
                .setSource(mount.source())
                .setTarget(mount.target())
                .setReadOnly(mount.isReadOnly())
                .setSizeBytes(mount.sizeBytes())
                .addAllOptions(mount.options());
        return this;
    }

    /** Makes the root file system read-only. */
    public ContainerSpec readOnlyRoot() {
        spec.setReadOnlyRoot(true);
        return this;
    }

    /** Makes an init program pid 1: it hands signals on and reaps orphans, and the process is its child. */
    public ContainerSpec init() {
        spec.setInit(true);
        return this;
    }

    /** Lets it use a device of the server's host, at the same path. */
    public ContainerSpec device(String path) {
        return device(path, path, "rwm");
    }

    /** Lets it use a device of the server's host. @param access some of {@code rwm}: read, write, make nodes */
    public ContainerSpec device(String source, String target, String access) {
        spec.addDevicesBuilder().setSource(source).setTarget(target).setAccess(access);
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

    /** What the kernel allows each of its processes. @param name such as {@code nofile}; -1 is no limit */
    public ContainerSpec ulimit(String name, long soft, long hard) {
        spec.addUlimitsBuilder().setName(name).setSoft(soft).setHard(hard);
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
        spec.setTty(true).setTerminalSize(ContainerWire.terminalSize(size));
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

    /** Lets no program that it runs gain rights, as setuid programs do. */
    public ContainerSpec noNewPrivileges() {
        spec.setNoNewPrivileges(true);
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

    /** How long it may run without writing anything; it then ends with reason {@link ExitReason#TIMED_OUT}. */
    public ContainerSpec idleTimeout(Duration timeout) {
        spec.setIdleTimeout(Wire.duration(timeout));
        return this;
    }

    /** How much of its timeline is kept, and of each of its execs'; at least 262144. Else as the server is configured. */
    public ContainerSpec retainBytes(long bytes) {
        spec.getRetentionBuilder().setBytesMax(bytes);
        return this;
    }

    /** How long its timeline is kept after it was removed. Else as the server is configured. */
    public ContainerSpec retainFor(Duration period) {
        spec.getRetentionBuilder().setPeriod(Wire.duration(period));
        return this;
    }

    /** The platform that its image must be of: {@code linux/amd64}. An image of another one is refused. */
    public ContainerSpec platform(String platform) {
        spec.setPlatform(platform);
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

    /** Starts it again when its process has ended by itself. */
    public ContainerSpec restart(RestartPolicy policy) {
        spec.setRestart(ContainerWire.message(policy));
        return this;
    }

    /** What tells whether it is healthy; else what the image says. */
    public ContainerSpec healthCheck(HealthCheck check) {
        spec.setHealthCheck(check.message());
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
