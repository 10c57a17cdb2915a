package io.tailrace.server.v1;

import io.tailrace.api.v1.ArgumentList;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.ContainerSpec;
import io.tailrace.api.v1.ContainerStats;
import io.tailrace.api.v1.Dns;
import io.tailrace.api.v1.Exec;
import io.tailrace.api.v1.Limits;
import io.tailrace.api.v1.Mount;
import io.tailrace.api.v1.NetworkAttachment;
import io.tailrace.api.v1.NetworkMode;
import io.tailrace.api.v1.OnFullDisk;
import io.tailrace.api.v1.Port;
import io.tailrace.api.v1.ProcessStatus;
import io.tailrace.api.v1.RestartPolicy;
import io.tailrace.api.v1.TerminalSize;
import io.tailrace.engine.Container.Usage;
import io.tailrace.engine.ContainerProcess;
import io.tailrace.engine.NewContainer;
import io.tailrace.engine.Resource;
import io.tailrace.log.StdStream;
import io.tailrace.runtime.spi.Endpoints;
import io.tailrace.runtime.spi.ResourceUsage;

/** Containers and execs as messages. */
final class ContainerMessages {
    private ContainerMessages() {}

    /** Everything about it. */
    static Container of(io.tailrace.engine.Container container, String runtime) {
        var message = entry(container, runtime).toBuilder();
        var crash = container.crash();
        if (crash != null) {
            message.setCrash(HealthMessages.of(crash));
        }
        return message.build();
    }

    /** Without what has to be read from the disk. */
    static Container entry(io.tailrace.engine.Container container, String runtime) {
        Endpoints endpoints = container.endpoints();
        var message = Container.newBuilder()
                .setId(container.id())
                .setName(container.name())
                .setSpec(of(container.request()))
                .setImageId(container.imageId())
                .addAllArguments(container.spec().process().arguments())
                .setStatus(status(container.process()))
                .setRuntime(runtime)
                .setForeign(container.isForeign())
                .setAddress(endpoints.address())
                .addAllPorts(
                        endpoints.ports().stream().map(ContainerMessages::port).toList())
                .addAllAlerts(container.alerts().stream().map(Resource::word).toList())
                .addAllMounts(container.spec().mounts().stream()
                        .map(ContainerMessages::mount)
                        .toList())
                .addAllNetworks(endpoints.networks().stream()
                        .map(ContainerMessages::network)
                        .toList());
        var health = container.health();
        if (health != null) {
            message.setHealth(HealthMessages.of(health));
        }
        return message.build();
    }

    static Exec of(io.tailrace.engine.Exec exec) {
        return Exec.newBuilder()
                .setId(exec.id())
                .setContainer(exec.container().id())
                .addAllCommand(exec.request().command())
                .setStatus(status(exec))
                .build();
    }

    static ProcessStatus status(ContainerProcess process) {
        return of(process.status())
                .setStdoutLength(process.streamLength(StdStream.STDOUT))
                .setStderrLength(process.streamLength(StdStream.STDERR))
                .setProblem(process.problem())
                .build();
    }

    private static ProcessStatus.Builder of(io.tailrace.engine.ProcessStatus status) {
        var message = ProcessStatus.newBuilder()
                .setState(status.state().word())
                .setPid(status.pid())
                .setRestarts(status.restarts())
                .setCreatedAt(Times.of(status.createdAt()));
        var startedAt = status.startedAt();
        if (startedAt != null) {
            message.setStartedAt(Times.of(startedAt));
        }
        var finishedAt = status.finishedAt();
        if (finishedAt != null) {
            message.setFinishedAt(Times.of(finishedAt));
        }
        var exit = status.exit();
        if (exit != null) {
            message.setExit(Records.of(exit));
        }
        return message;
    }

    static ContainerStats of(Usage usage) {
        ResourceUsage sample = usage.sample();
        return ContainerStats.newBuilder()
                .setTime(Times.of(sample.at()))
                .setCpuPercent(usage.cpuPercent())
                .setCpuNanos(sample.cpuNanos())
                .setMemoryBytes(sample.memoryBytes())
                .setMemoryLimitBytes(sample.memoryLimitBytes())
                .setPids(sample.pids())
                .setBlockReadBytes(sample.blockReadBytes())
                .setBlockWriteBytes(sample.blockWriteBytes())
                .setNetworkReceivedBytes(sample.networkReceivedBytes())
                .setNetworkSentBytes(sample.networkSentBytes())
                .build();
    }

    private static ContainerSpec of(NewContainer request) {
        var message = ContainerSpec.newBuilder()
                .setImage(request.image())
                .addAllCommand(request.command())
                .putAllEnvironment(request.environment())
                .setWorkingDirectory(request.workingDirectory())
                .setUser(request.user())
                .setHostname(request.hostname())
                .setNetwork(network(request))
                .setReadOnlyRoot(request.isReadOnlyRoot())
                .setLimits(limits(request))
                .putAllLabels(request.labels())
                .setStdin(request.hasStdin())
                .setStdinOnce(request.isStdinOnce())
                .setPrivileged(request.isPrivileged())
                .addAllAddedCapabilities(request.addedCapabilities())
                .addAllDroppedCapabilities(request.droppedCapabilities())
                .setStopSignal(request.stopSignal())
                .setAutoRemove(request.isAutoRemove())
                .addAllGroups(request.groups())
                .setDns(Dns.newBuilder()
                        .addAllServers(request.dns().servers())
                        .addAllSearches(request.dns().searches())
                        .addAllOptions(request.dns().options()))
                .setInit(request.hasInit())
                .setNoNewPrivileges(request.isNoNewPrivileges());
        request.hosts()
                .forEach(
                        entry -> message.addHostsBuilder().setName(entry.name()).setAddress(entry.address()));
        request.ports().forEach(port -> message.addPorts(port(port)));
        request.devices()
                .forEach(device -> message.addDevicesBuilder()
                        .setSource(device.source())
                        .setTarget(device.target())
                        .setAccess(device.access()));
        request.ulimits()
                .forEach(ulimit -> message.addUlimitsBuilder()
                        .setName(ulimit.name())
                        .setSoft(ulimit.soft())
                        .setHard(ulimit.hard()));
        request.mounts().forEach(mount -> message.addMounts(mount(mount)));
        var entrypoint = request.entrypoint();
        if (entrypoint != null) {
            message.setEntrypoint(ArgumentList.newBuilder().addAllArguments(entrypoint));
        }
        var terminal = request.terminal();
        if (terminal != null) {
            message.setTty(true)
                    .setTerminalSize(TerminalSize.newBuilder()
                            .setColumns(terminal.columns())
                            .setRows(terminal.rows()));
        }
        var stopGrace = request.stopGrace();
        if (stopGrace != null) {
            message.setStopGrace(Times.of(stopGrace));
        }
        var timeout = request.timeout();
        if (timeout != null) {
            message.setTimeout(Times.of(timeout));
        }
        var onFullDisk = request.onFullDisk();
        if (onFullDisk != null) {
            message.setOnFullDisk(
                    switch (onFullDisk) {
                        case WAIT -> OnFullDisk.ON_FULL_DISK_WAIT;
                        case DROP -> OnFullDisk.ON_FULL_DISK_DROP;
                    });
        }
        var healthCheck = request.healthCheck();
        if (healthCheck != null) {
            message.setHealthCheck(HealthMessages.of(healthCheck));
        }
        var idleTimeout = request.idleTimeout();
        if (idleTimeout != null) {
            message.setIdleTimeout(Times.of(idleTimeout));
        }
        var retention = request.retention();
        if (retention != null) {
            message.getRetentionBuilder().setPeriod(Times.of(retention));
        }
        if (request.timelineBytesMax() != 0) {
            message.getRetentionBuilder().setBytesMax(request.timelineBytesMax());
        }
        message.setPlatform(request.platform());
        request.networks().forEach(network -> message.addNetworks(network(network)));
        if (request.restart().kind() != io.tailrace.engine.RestartPolicy.Kind.NO) {
            message.setRestart(restart(request.restart()));
        }
        return message.build();
    }

    private static NetworkAttachment network(io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment attachment) {
        return NetworkAttachment.newBuilder()
                .setNetwork(attachment.network())
                .addAllAliases(attachment.aliases())
                .setAddress(attachment.address())
                .build();
    }

    private static RestartPolicy restart(io.tailrace.engine.RestartPolicy policy) {
        return RestartPolicy.newBuilder()
                .setKind(
                        switch (policy.kind()) {
                            case NO -> RestartPolicy.Kind.KIND_NO;
                            case ON_FAILURE -> RestartPolicy.Kind.KIND_ON_FAILURE;
                            case ALWAYS -> RestartPolicy.Kind.KIND_ALWAYS;
                            case UNLESS_STOPPED -> RestartPolicy.Kind.KIND_UNLESS_STOPPED;
                        })
                .setRetriesMax(policy.retriesMax())
                .build();
    }

    private static NetworkMode network(NewContainer request) {
        return switch (request.network()) {
            case NONE -> NetworkMode.NETWORK_MODE_NONE;
            case HOST -> NetworkMode.NETWORK_MODE_HOST;
            case BRIDGE -> NetworkMode.NETWORK_MODE_BRIDGE;
        };
    }

    private static Limits limits(NewContainer request) {
        var limits = request.limits();
        return Limits.newBuilder()
                .setMemoryBytes(limits.memoryBytes())
                .setMemorySwapBytes(limits.memorySwapBytes())
                .setCpuNanos(limits.cpuNanos())
                .setCpuShares(limits.cpuShares())
                .setCpus(limits.cpus())
                .setPids(limits.pids())
                .build();
    }

    private static Port port(io.tailrace.runtime.spi.ContainerSpec.Port port) {
        return Port.newBuilder()
                .setHostAddress(port.hostAddress())
                .setHostPort(port.hostPort())
                .setPort(port.port())
                .setProtocol(
                        switch (port.protocol()) {
                            case TCP -> Port.Protocol.PROTOCOL_TCP;
                            case UDP -> Port.Protocol.PROTOCOL_UDP;
                        })
                .build();
    }

    private static Mount mount(io.tailrace.runtime.spi.ContainerSpec.Mount mount) {
        return Mount.newBuilder()
                .setType(
                        switch (mount.type()) {
                            case BIND -> Mount.Type.TYPE_BIND;
                            case TMPFS -> Mount.Type.TYPE_TMPFS;
                            case VOLUME -> Mount.Type.TYPE_VOLUME;
                        })
                .setSource(mount.source())
                .setTarget(mount.target())
                .setReadOnly(mount.isReadOnly())
                .setSizeBytes(mount.sizeBytes())
                .addAllOptions(mount.options())
                .build();
    }
}
