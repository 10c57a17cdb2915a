package io.tailrace.client;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import io.tailrace.api.v1.ContainerSpec;
import io.tailrace.api.v1.ContainerStats;
import io.tailrace.api.v1.Exit;
import io.tailrace.api.v1.Info;
import io.tailrace.api.v1.Record;
import io.tailrace.api.v1.WaitForLineResponse;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From messages of the wire to the records of this package. */
final class Wire {
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long UNSIGNED_INT = 0xffff_ffffL;

    private Wire() {}

    /** Null for a kind of record that this client does not know. */
    static @Nullable TimelineRecord record(Record record) {
        long sequence = record.getSequence();
        long nanos = record.getTimestampNanos();
        var time =
                Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS_PER_SECOND), Math.floorMod(nanos, NANOS_PER_SECOND));
        var cursor = record.getCursor();
        return switch (record.getContentCase()) {
            case OUTPUT -> {
                var output = record.getOutput();
                yield new TimelineRecord.Output(
                        sequence,
                        time,
                        cursor,
                        stream(output.getStream()),
                        output.getOffset(),
                        SharedBytes.view(output.getData()));
            }
            case STATE -> {
                var state = record.getState();
                yield new TimelineRecord.State(
                        sequence, time, cursor, ContainerState.of(state.getState()), state.getAttributesMap());
            }
            case HEALTH -> {
                var health = record.getHealth();
                yield new TimelineRecord.Health(
                        sequence,
                        time,
                        cursor,
                        health.getStatus(),
                        health.getExitCode(),
                        health.getDurationNanos(),
                        health.getOutput().toStringUtf8());
            }
            case MESSAGE -> {
                var message = record.getMessage();
                yield new TimelineRecord.Message(
                        sequence,
                        time,
                        cursor,
                        message.getTopic(),
                        message.getData().asReadOnlyByteBuffer());
            }
            case GAP -> {
                var gap = record.getGap();
                yield new TimelineRecord.Gap(
                        sequence,
                        time,
                        cursor,
                        gap.getLastSequence(),
                        gap.getReason(),
                        gap.getStdoutFrom(),
                        gap.getStdoutTo(),
                        gap.getStderrFrom(),
                        gap.getStderrTo());
            }
            case EXIT -> new TimelineRecord.Exit(sequence, time, cursor, exit(record.getExit()));
            case CONTENT_NOT_SET -> null;
        };
    }

    static ExitStatus exit(Exit exit) {
        return new ExitStatus(
                switch (exit.getReason()) {
                    case EXIT_REASON_EXITED -> ExitReason.EXITED;
                    case EXIT_REASON_SIGNALLED -> ExitReason.SIGNALLED;
                    case EXIT_REASON_OUT_OF_MEMORY -> ExitReason.OUT_OF_MEMORY;
                    case EXIT_REASON_TIMED_OUT -> ExitReason.TIMED_OUT;
                    case EXIT_REASON_STOPPED -> ExitReason.STOPPED;
                    case EXIT_REASON_START_FAILED -> ExitReason.START_FAILED;
                    case EXIT_REASON_LOST -> ExitReason.LOST;
                    case EXIT_REASON_UNSPECIFIED, UNRECOGNIZED -> ExitReason.UNKNOWN;
                },
                // Presence tells "0" from "not said": a missing exit code must never read as success.
                exit.hasExitCode() ? exit.getExitCode() : -1,
                exit.getSignal(),
                exit.getStdoutLength(),
                exit.getStdoutCrc32() & UNSIGNED_INT,
                exit.getStderrLength(),
                exit.getStderrCrc32() & UNSIGNED_INT,
                exit.getMessage());
    }

    static StandardStream stream(io.tailrace.api.v1.StandardStream stream) {
        return stream == io.tailrace.api.v1.StandardStream.STANDARD_STREAM_STDERR
                ? StandardStream.STDERR
                : StandardStream.STDOUT;
    }

    static io.tailrace.api.v1.StandardStream stream(StandardStream stream) {
        return switch (stream) {
            case STDOUT -> io.tailrace.api.v1.StandardStream.STANDARD_STREAM_STDOUT;
            case STDERR -> io.tailrace.api.v1.StandardStream.STANDARD_STREAM_STDERR;
        };
    }

    static io.tailrace.api.v1.RecordKind kind(RecordKind kind) {
        return switch (kind) {
            case OUTPUT -> io.tailrace.api.v1.RecordKind.RECORD_KIND_OUTPUT;
            case STATE -> io.tailrace.api.v1.RecordKind.RECORD_KIND_STATE;
            case HEALTH -> io.tailrace.api.v1.RecordKind.RECORD_KIND_HEALTH;
            case MESSAGE -> io.tailrace.api.v1.RecordKind.RECORD_KIND_MESSAGE;
        };
    }

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
                instant(status.getCreatedAt()),
                status.hasStartedAt() ? instant(status.getStartedAt()) : null,
                status.hasFinishedAt() ? instant(status.getFinishedAt()) : null,
                status.hasExit() ? exit(status.getExit()) : null,
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
                spec.getPortsList().stream().map(Wire::port).toList(),
                container.getMountsList().stream().map(Wire::mount).toList(),
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
                spec.hasStopGrace() ? duration(spec.getStopGrace()) : null,
                spec.hasTimeout() ? duration(spec.getTimeout()) : null,
                onFullDisk(spec),
                restart(spec.getRestart()),
                spec.hasHealthCheck() ? HealthCheck.of(spec.getHealthCheck()) : null,
                spec.getAutoRemove(),
                container.getRuntime(),
                container.getForeign(),
                container.getAddress(),
                container.getPortsList().stream().map(Wire::port).toList(),
                List.copyOf(container.getAlertsList()),
                spec.getNetworksList().stream().map(Wire::attachment).toList(),
                container.getNetworksList().stream().map(Wire::attachment).toList(),
                container.hasHealth() ? HealthStatus.of(container.getHealth()) : null,
                container.hasCrash() ? CrashReport.of(container.getCrash()) : null);
    }

    private static NetworkAttachment attachment(io.tailrace.api.v1.NetworkAttachment attachment) {
        return new NetworkAttachment(
                attachment.getNetwork(), List.copyOf(attachment.getAliasesList()), attachment.getAddress());
    }

    static Network network(io.tailrace.api.v1.Network network) {
        return new Network(
                network.getId(),
                network.getName(),
                network.getSubnet(),
                network.getGateway(),
                network.getInternal(),
                network.getLabelsMap(),
                instant(network.getCreatedAt()));
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

    static Stats stats(ContainerStats stats) {
        return new Stats(
                instant(stats.getTime()),
                stats.getCpuPercent(),
                stats.getCpuNanos(),
                stats.getMemoryBytes(),
                stats.getMemoryLimitBytes(),
                stats.getPids(),
                stats.getBlockReadBytes(),
                stats.getBlockWriteBytes(),
                stats.getNetworkReceivedBytes(),
                stats.getNetworkSentBytes());
    }

    static Image image(io.tailrace.api.v1.Image image) {
        return new Image(
                image.getId(),
                List.copyOf(image.getReferencesList()),
                image.getDigest(),
                image.getSizeBytes(),
                instant(image.getCreatedAt()),
                image.getPlatform(),
                List.copyOf(image.getEntrypointList()),
                List.copyOf(image.getCommandList()),
                List.copyOf(image.getEnvironmentList()),
                image.getWorkingDirectory(),
                image.getUser(),
                Map.copyOf(image.getLabelsMap()),
                image.hasHealthCheck() ? HealthCheck.of(image.getHealthCheck()) : null);
    }

    static Volume volume(io.tailrace.api.v1.Volume volume) {
        return new Volume(
                volume.getName(),
                volume.getLabelsMap(),
                instant(volume.getCreatedAt()),
                volume.getPath(),
                volume.getAnonymous());
    }

    static ServerInfo serverInfo(Info info) {
        return new ServerInfo(
                info.getVersion(),
                instant(info.getStartedAt()),
                info.getRuntime(),
                info.getRuntimeVersion(),
                info.getRuntimeEndpoint(),
                List.copyOf(info.getCapabilitiesList()),
                info.getDataDirectory(),
                info.getContainers(),
                info.getContainersRunning(),
                List.copyOf(info.getProblemsList()),
                duration(info.getRetention()));
    }

    static FeedRecord feedRecord(io.tailrace.api.v1.FeedRecord record) {
        return new FeedRecord(
                record.getSequence(),
                record.getCursor(),
                record.getContainer(),
                record.getContainerName(),
                record.getExec(),
                record.getEvent(),
                instant(record.getTime()),
                record.hasRecord() ? record(record.getRecord()) : null);
    }

    static Instant instant(Timestamp timestamp) {
        try {
            return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
        } catch (DateTimeException | ArithmeticException e) {
            throw corrupt("timestamp", timestamp.getSeconds(), e);
        }
    }

    static LineMatch line(WaitForLineResponse line) {
        long nanos = line.getTimestampNanos();
        return new LineMatch(
                new OutputLine(
                        stream(line.getStream()),
                        Instant.ofEpochSecond(
                                Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L)),
                        line.getOffset(),
                        line.getLine().asReadOnlyByteBuffer()),
                line.getCursor());
    }

    static Timestamp timestamp(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }

    static java.time.Duration duration(Duration duration) {
        try {
            return java.time.Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
        } catch (ArithmeticException e) {
            throw corrupt("duration", duration.getSeconds(), e);
        }
    }

    private static TailraceException corrupt(String what, long seconds, RuntimeException cause) {
        return new TailraceException(
                ErrorCode.CORRUPT,
                "%s: %d s in the server's answer (expected: one of this age)".formatted(what, seconds),
                cause);
    }

    static Duration duration(java.time.Duration duration) {
        return Duration.newBuilder()
                .setSeconds(duration.getSeconds())
                .setNanos(duration.getNano())
                .build();
    }

    static ProcessEntry process(io.tailrace.api.v1.ProcessEntry process) {
        return new ProcessEntry(
                process.getPid(),
                process.getParentPid(),
                process.getUser(),
                instant(process.getStartedAt()),
                process.getCpuNanos(),
                process.getMemoryBytes(),
                List.copyOf(process.getArgumentsList()));
    }

    static FileChange change(io.tailrace.api.v1.FileChange change) {
        return new FileChange(
                switch (change.getKind()) {
                    case KIND_MODIFIED -> FileChange.Kind.MODIFIED;
                    case KIND_ADDED -> FileChange.Kind.ADDED;
                    case KIND_DELETED -> FileChange.Kind.DELETED;
                    case KIND_UNSPECIFIED, UNRECOGNIZED -> FileChange.Kind.UNKNOWN;
                },
                change.getPath());
    }

    static DiskUsage diskUsage(io.tailrace.api.v1.DiskUsageResponse usage) {
        return new DiskUsage(
                entries(usage.getImagesList()),
                entries(usage.getContainersList()),
                entries(usage.getVolumesList()),
                entries(usage.getTimelinesList()));
    }

    private static List<DiskUsage.Entry> entries(List<io.tailrace.api.v1.DiskUsage> entries) {
        return entries.stream()
                .map(entry -> new DiskUsage.Entry(
                        entry.getId(), entry.getName(), entry.getSizeBytes(), entry.getReclaimableBytes()))
                .toList();
    }
}
