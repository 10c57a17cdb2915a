package io.tailrace.client;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import io.tailrace.api.v1.ContainerStats;
import io.tailrace.api.v1.Info;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** From messages of everything else to the records of this package, and back: times, images, networks, volumes, the server. */
final class Wire {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private Wire() {}

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

    static Instant instant(Timestamp timestamp) {
        try {
            return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
        } catch (DateTimeException | ArithmeticException e) {
            throw corrupt("timestamp", timestamp.getSeconds(), e);
        }
    }

    /** @param nanos since the epoch */
    static Instant instant(long nanos) {
        return Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS_PER_SECOND), Math.floorMod(nanos, NANOS_PER_SECOND));
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
