package io.tailrace.client;

import io.tailrace.api.v1.ContainerSpec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From messages of containers and execs to the records of this package, and back. */
final class ContainerWire {
    private ContainerWire() {}

    static io.tailrace.api.v1.TerminalSize terminalSize(TerminalSize size) {
        return io.tailrace.api.v1.TerminalSize.newBuilder()
                .setColumns(size.columns())
                .setRows(size.rows())
                .build();
    }

    static ProcessStatus status(io.tailrace.api.v1.ProcessStatus status) {
        return new ProcessStatus(
                ContainerState.of(status.getState()),
                status.getPid(),
                Wire.instant(status.getCreatedAt()),
                status.hasStartedAt() ? Wire.instant(status.getStartedAt()) : null,
                status.hasFinishedAt() ? Wire.instant(status.getFinishedAt()) : null,
                status.hasExit() ? TimelineWire.exit(status.getExit()) : null,
                status.getStdoutLength(),
                status.getStderrLength(),
                status.getProblem(),
                status.getRestarts());
    }

    static ContainerInfo container(io.tailrace.api.v1.Container container) {
        var spec = container.getSpec();
        return new ContainerInfo(
                container.getId(),
                container.getName(),
                spec.getImage(),
                container.getImageId(),
                List.copyOf(container.getArgumentsList()),
                status(container.getStatus()),
                Map.copyOf(spec.getLabelsMap()),
                Map.copyOf(spec.getEnvironmentMap()),
                spec.getWorkingDirectory(),
                spec.getUser(),
                List.copyOf(spec.getGroupsList()),
                spec.getHostname(),
                network(spec),
                spec.getHostsList().stream()
                        .map(entry -> new HostEntry(entry.getName(), entry.getAddress()))
                        .toList(),
                dns(spec.getDns()),
                spec.getPortsList().stream().map(ContainerWire::port).toList(),
                container.getMountsList().stream().map(ContainerWire::mount).toList(),
                spec.getReadOnlyRoot(),
                spec.getInit(),
                limits(spec.getLimits()),
                spec.getDevicesList().stream()
                        .map(device -> new Device(device.getSource(), device.getTarget(), device.getAccess()))
                        .toList(),
                spec.getStdin(),
                spec.getTty(),
                terminalSize(spec),
                spec.getPrivileged(),
                List.copyOf(spec.getAddedCapabilitiesList()),
                List.copyOf(spec.getDroppedCapabilitiesList()),
                spec.getNoNewPrivileges(),
                spec.getUlimitsList().stream()
                        .map(ulimit -> new Ulimit(ulimit.getName(), ulimit.getSoft(), ulimit.getHard()))
                        .toList(),
                spec.getStopSignal(),
                spec.hasStopGrace() ? Wire.duration(spec.getStopGrace()) : null,
                spec.hasTimeout() ? Wire.duration(spec.getTimeout()) : null,
                onFullDisk(spec),
                restart(spec.getRestart()),
                spec.hasHealthCheck() ? HealthCheck.of(spec.getHealthCheck()) : null,
                spec.getAutoRemove(),
                container.getRuntime(),
                container.getForeign(),
                container.getAddress(),
                container.getPortsList().stream().map(ContainerWire::port).toList(),
                List.copyOf(container.getAlertsList()),
                spec.getNetworksList().stream().map(ContainerWire::attachment).toList(),
                container.getNetworksList().stream()
                        .map(ContainerWire::attachment)
                        .toList(),
                container.hasHealth() ? HealthStatus.of(container.getHealth()) : null,
                container.hasCrash() ? CrashReport.of(container.getCrash()) : null);
    }

    private static NetworkAttachment attachment(io.tailrace.api.v1.NetworkAttachment attachment) {
        return new NetworkAttachment(
                attachment.getNetwork(), List.copyOf(attachment.getAliasesList()), attachment.getAddress());
    }

    private static NetworkMode network(ContainerSpec spec) {
        return switch (spec.getNetwork()) {
            case NETWORK_MODE_NONE -> NetworkMode.NONE;
            case NETWORK_MODE_HOST -> NetworkMode.HOST;
            case NETWORK_MODE_BRIDGE, NETWORK_MODE_UNSPECIFIED, UNRECOGNIZED -> NetworkMode.BRIDGE;
        };
    }

    private static @Nullable OnFullDisk onFullDisk(ContainerSpec spec) {
        return switch (spec.getOnFullDisk()) {
            case ON_FULL_DISK_WAIT -> OnFullDisk.WAIT;
            case ON_FULL_DISK_DROP -> OnFullDisk.DROP;
            case ON_FULL_DISK_UNSPECIFIED, UNRECOGNIZED -> null;
        };
    }

    /** A policy that this client does not know is none that it could tell. */
    private static RestartPolicy restart(io.tailrace.api.v1.RestartPolicy policy) {
        return switch (policy.getKind()) {
            case KIND_ON_FAILURE -> RestartPolicy.onFailure(Math.max(0, policy.getRetriesMax()));
            case KIND_ALWAYS -> RestartPolicy.ALWAYS;
            case KIND_UNLESS_STOPPED -> RestartPolicy.UNLESS_STOPPED;
            case KIND_UNSPECIFIED, KIND_NO, UNRECOGNIZED -> RestartPolicy.NO;
        };
    }

    static io.tailrace.api.v1.RestartPolicy message(RestartPolicy policy) {
        return io.tailrace.api.v1.RestartPolicy.newBuilder()
                .setKind(
                        switch (policy.kind()) {
                            case NO -> io.tailrace.api.v1.RestartPolicy.Kind.KIND_NO;
                            case ON_FAILURE -> io.tailrace.api.v1.RestartPolicy.Kind.KIND_ON_FAILURE;
                            case ALWAYS -> io.tailrace.api.v1.RestartPolicy.Kind.KIND_ALWAYS;
                            case UNLESS_STOPPED -> io.tailrace.api.v1.RestartPolicy.Kind.KIND_UNLESS_STOPPED;
                        })
                .setRetriesMax(policy.retriesMax())
                .build();
    }

    private static @Nullable TerminalSize terminalSize(ContainerSpec spec) {
        var size = spec.getTerminalSize();
        return spec.getTty() && TerminalSize.isOne(size.getColumns(), size.getRows())
                ? new TerminalSize(size.getColumns(), size.getRows())
                : null;
    }

    private static Mount mount(io.tailrace.api.v1.Mount mount) {
        return new Mount(
                switch (mount.getType()) {
                    case TYPE_TMPFS -> Mount.Type.TMPFS;
                    case TYPE_VOLUME -> Mount.Type.VOLUME;
                    case TYPE_BIND, TYPE_UNSPECIFIED, UNRECOGNIZED -> Mount.Type.BIND;
                },
                mount.getSource(),
                mount.getTarget(),
                mount.getReadOnly(),
                mount.getSizeBytes(),
                mount.getOptionsList());
    }

    static io.tailrace.api.v1.Port port(Port port) {
        return io.tailrace.api.v1.Port.newBuilder()
                .setHostAddress(port.hostAddress())
                .setHostPort(port.hostPort())
                .setPort(port.port())
                .setProtocol(
                        switch (port.protocol()) {
                            case TCP -> io.tailrace.api.v1.Port.Protocol.PROTOCOL_TCP;
                            case UDP -> io.tailrace.api.v1.Port.Protocol.PROTOCOL_UDP;
                        })
                .build();
    }

    private static Port port(io.tailrace.api.v1.Port port) {
        return new Port(
                port.getHostAddress(),
                port.getHostPort(),
                port.getPort(),
                port.getProtocol() == io.tailrace.api.v1.Port.Protocol.PROTOCOL_UDP
                        ? Port.Protocol.UDP
                        : Port.Protocol.TCP);
    }

    private static Dns dns(io.tailrace.api.v1.Dns dns) {
        return new Dns(dns.getServersList(), dns.getSearchesList(), dns.getOptionsList());
    }

    private static Limits limits(io.tailrace.api.v1.Limits limits) {
        return new Limits(
                limits.getMemoryBytes(),
                limits.getMemorySwapBytes(),
                limits.getCpuNanos(),
                limits.getCpuShares(),
                limits.getCpus(),
                limits.getPids());
    }

    static ExecInfo exec(io.tailrace.api.v1.Exec exec) {
        return new ExecInfo(
                exec.getId(), exec.getContainer(), List.copyOf(exec.getCommandList()), status(exec.getStatus()));
    }
}
