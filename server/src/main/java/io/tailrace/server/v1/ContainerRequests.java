package io.tailrace.server.v1;

import io.tailrace.api.v1.ContainerSpec;
import io.tailrace.api.v1.CreateContainerRequest;
import io.tailrace.api.v1.CreateExecRequest;
import io.tailrace.api.v1.Device;
import io.tailrace.api.v1.Dns;
import io.tailrace.api.v1.HealthCheck;
import io.tailrace.api.v1.Limits;
import io.tailrace.api.v1.Mount;
import io.tailrace.api.v1.NetworkMode;
import io.tailrace.api.v1.OnFullDisk;
import io.tailrace.api.v1.Port;
import io.tailrace.api.v1.RestartPolicy;
import io.tailrace.api.v1.UpdateContainerRequest;
import io.tailrace.engine.ContainerUpdate;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import io.tailrace.engine.NewContainer;
import io.tailrace.engine.NewExec;
import io.tailrace.runtime.spi.ContainerSpec.HostEntry;
import io.tailrace.runtime.spi.ContainerSpec.Port.Protocol;
import io.tailrace.runtime.spi.ProcessSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requests for containers and execs, as the engine understands them. */
final class ContainerRequests {
    private ContainerRequests() {}

    static NewContainer of(CreateContainerRequest request) {
        ContainerSpec spec = request.getSpec();
        return new NewContainer(
                request.getId(),
                request.getName(),
                spec.getImage(),
                spec.hasEntrypoint() ? List.copyOf(spec.getEntrypoint().getArgumentsList()) : null,
                List.copyOf(spec.getCommandList()),
                spec.getEnvironmentMap(),
                spec.getWorkingDirectory(),
                spec.getUser(),
                List.copyOf(spec.getGroupsList()),
                spec.getHostname(),
                network(spec.getNetwork()),
                spec.getHostsList().stream()
                        .map(entry -> new HostEntry(entry.getName(), entry.getAddress()))
                        .toList(),
                dns(spec.getDns()),
                spec.getPortsList().stream().map(ContainerRequests::port).toList(),
                spec.getMountsList().stream().map(ContainerRequests::mount).toList(),
                spec.getReadOnlyRoot(),
                spec.getInit(),
                limits(spec.getLimits()),
                spec.getDevicesList().stream().map(ContainerRequests::device).toList(),
                spec.getLabelsMap(),
                spec.getStdin(),
                spec.getStdinOnce(),
                Terminals.of(spec.getTty(), spec.hasTerminalSize(), spec.getTerminalSize()),
                spec.getPrivileged(),
                List.copyOf(spec.getAddedCapabilitiesList()),
                List.copyOf(spec.getDroppedCapabilitiesList()),
                spec.getNoNewPrivileges(),
                spec.getUlimitsList().stream()
                        .map(ulimit -> new ProcessSpec.Ulimit(ulimit.getName(), ulimit.getSoft(), ulimit.getHard()))
                        .toList(),
                spec.getStopSignal(),
                Times.of(spec.hasStopGrace(), "stop_grace", spec.getStopGrace()),
                Times.of(spec.hasTimeout(), "timeout", spec.getTimeout()),
                onFullDisk(spec.getOnFullDisk()),
                restart(spec.getRestart()),
                spec.getAutoRemove(),
                spec.hasHealthCheck() ? healthCheck(spec.getHealthCheck()) : null,
                Times.of(spec.hasIdleTimeout(), "idle_timeout", spec.getIdleTimeout()),
                spec.getRetention().getBytesMax(),
                Times.of(
                        spec.getRetention().hasPeriod(),
                        "retention",
                        spec.getRetention().getPeriod()),
                spec.getPlatform(),
                spec.getNetworksList().stream()
                        .map(network -> new io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment(
                                network.getNetwork(), network.getAliasesList(), network.getAddress()))
                        .toList());
    }

    private static io.tailrace.runtime.spi.HealthCheck healthCheck(HealthCheck check) {
        return new io.tailrace.runtime.spi.HealthCheck(
                List.copyOf(check.getTestList()),
                Times.of(check.hasInterval(), "health_check.interval", check.getInterval()),
                Times.of(check.hasTimeout(), "health_check.timeout", check.getTimeout()),
                check.getRetries(),
                Times.of(check.hasStartPeriod(), "health_check.start_period", check.getStartPeriod()),
                Times.of(check.hasStartInterval(), "health_check.start_interval", check.getStartInterval()));
    }

    static ContainerUpdate of(UpdateContainerRequest request) {
        return new ContainerUpdate(
                request.hasMemoryBytes() ? request.getMemoryBytes() : null,
                request.hasMemorySwapBytes() ? request.getMemorySwapBytes() : null,
                request.hasCpuNanos() ? request.getCpuNanos() : null,
                request.hasCpuShares() ? request.getCpuShares() : null,
                request.hasCpus() ? request.getCpus() : null,
                request.hasPids() ? request.getPids() : null,
                request.hasRestart() ? restart(request.getRestart()) : null);
    }

    static NewExec of(CreateExecRequest request) {
        return new NewExec(
                request.getId(),
                List.copyOf(request.getCommandList()),
                request.getEnvironmentMap(),
                request.getWorkingDirectory(),
                request.getUser(),
                request.getStdin(),
                Terminals.of(request.getTty(), request.hasTerminalSize(), request.getTerminalSize()),
                request.getPrivileged());
    }

    private static io.tailrace.runtime.spi.ContainerSpec.NetworkMode network(NetworkMode mode) {
        return switch (mode) {
            case NETWORK_MODE_NONE -> io.tailrace.runtime.spi.ContainerSpec.NetworkMode.NONE;
            case NETWORK_MODE_HOST -> io.tailrace.runtime.spi.ContainerSpec.NetworkMode.HOST;
            case NETWORK_MODE_UNSPECIFIED, NETWORK_MODE_BRIDGE ->
                io.tailrace.runtime.spi.ContainerSpec.NetworkMode.BRIDGE;
            case UNRECOGNIZED -> throw invalid("network", mode, "none, host, bridge");
        };
    }

    private static io.tailrace.engine.@Nullable OnFullDisk onFullDisk(OnFullDisk wanted) {
        return switch (wanted) {
            case ON_FULL_DISK_UNSPECIFIED -> null;
            case ON_FULL_DISK_WAIT -> io.tailrace.engine.OnFullDisk.WAIT;
            case ON_FULL_DISK_DROP -> io.tailrace.engine.OnFullDisk.DROP;
            case UNRECOGNIZED -> throw invalid("on_full_disk", wanted, "wait, drop");
        };
    }

    private static io.tailrace.engine.RestartPolicy restart(RestartPolicy policy) {
        var kind = switch (policy.getKind()) {
            case KIND_UNSPECIFIED, KIND_NO -> io.tailrace.engine.RestartPolicy.Kind.NO;
            case KIND_ON_FAILURE -> io.tailrace.engine.RestartPolicy.Kind.ON_FAILURE;
            case KIND_ALWAYS -> io.tailrace.engine.RestartPolicy.Kind.ALWAYS;
            case KIND_UNLESS_STOPPED -> io.tailrace.engine.RestartPolicy.Kind.UNLESS_STOPPED;
            case UNRECOGNIZED -> throw invalid("restart", policy, "no, on-failure, always, unless-stopped");
        };
        return new io.tailrace.engine.RestartPolicy(kind, policy.getRetriesMax());
    }

    private static io.tailrace.runtime.spi.ContainerSpec.Mount mount(Mount mount) {
        var type = switch (mount.getType()) {
            case TYPE_BIND -> io.tailrace.runtime.spi.ContainerSpec.Mount.Type.BIND;
            case TYPE_TMPFS -> io.tailrace.runtime.spi.ContainerSpec.Mount.Type.TMPFS;
            case TYPE_VOLUME -> io.tailrace.runtime.spi.ContainerSpec.Mount.Type.VOLUME;
            case TYPE_UNSPECIFIED, UNRECOGNIZED -> throw invalid("mount type", mount.getType(), "bind, tmpfs, volume");
        };
        return new io.tailrace.runtime.spi.ContainerSpec.Mount(
                type,
                mount.getSource(),
                mount.getTarget(),
                mount.getReadOnly(),
                mount.getSizeBytes(),
                List.copyOf(mount.getOptionsList()));
    }

    private static io.tailrace.runtime.spi.ContainerSpec.Dns dns(Dns dns) {
        return new io.tailrace.runtime.spi.ContainerSpec.Dns(
                dns.getServersList(), dns.getSearchesList(), dns.getOptionsList());
    }

    private static io.tailrace.runtime.spi.ContainerSpec.Port port(Port port) {
        var protocol = switch (port.getProtocol()) {
            case PROTOCOL_UNSPECIFIED, PROTOCOL_TCP -> Protocol.TCP;
            case PROTOCOL_UDP -> Protocol.UDP;
            case UNRECOGNIZED -> throw invalid("protocol of port " + port.getPort(), port.getProtocol(), "tcp, udp");
        };
        return new io.tailrace.runtime.spi.ContainerSpec.Port(
                port.getHostAddress(), port.getHostPort(), port.getPort(), protocol);
    }

    private static io.tailrace.runtime.spi.ContainerSpec.Device device(Device device) {
        return new io.tailrace.runtime.spi.ContainerSpec.Device(
                device.getSource(),
                device.getTarget().isEmpty() ? device.getSource() : device.getTarget(),
                device.getAccess().isEmpty() ? "rwm" : device.getAccess());
    }

    private static io.tailrace.runtime.spi.ContainerSpec.Limits limits(Limits limits) {
        return new io.tailrace.runtime.spi.ContainerSpec.Limits(
                limits.getMemoryBytes(),
                limits.getMemorySwapBytes(),
                limits.getCpuNanos(),
                limits.getCpuShares(),
                limits.getCpus(),
                limits.getPids());
    }

    private static EngineException invalid(String name, Object value, String expected) {
        return new EngineException(
                ErrorCode.INVALID_ARGUMENT, "%s: %s (expected: one of %s)".formatted(name, value, expected));
    }
}
