package io.tailrace.server.v1;

import io.tailrace.api.v1.ContainerChangesResponse;
import io.tailrace.api.v1.DiskUsageResponse;
import io.tailrace.api.v1.FileChange;
import io.tailrace.api.v1.ProcessEntry;
import io.tailrace.api.v1.TopContainerResponse;
import io.tailrace.engine.DiskUsage;
import java.util.List;

/** What is in containers, and what takes room on the disk, as messages. */
final class ContentMessages {
    private ContentMessages() {}

    static TopContainerResponse top(List<io.tailrace.runtime.spi.ProcessEntry> processes) {
        var response = TopContainerResponse.newBuilder();
        for (var process : processes) {
            response.addProcesses(ProcessEntry.newBuilder()
                    .setPid(process.pid())
                    .setParentPid(process.parentPid())
                    .setUser(process.user())
                    .setStartedAt(Times.of(process.startedAt()))
                    .setCpuNanos(process.cpuNanos())
                    .setMemoryBytes(process.memoryBytes())
                    .addAllArguments(process.arguments()));
        }
        return response.build();
    }

    static ContainerChangesResponse changes(List<io.tailrace.runtime.spi.FileChange> changes) {
        var response = ContainerChangesResponse.newBuilder();
        for (var change : changes) {
            response.addChanges(FileChange.newBuilder()
                    .setKind(
                            switch (change.kind()) {
                                case MODIFIED -> FileChange.Kind.KIND_MODIFIED;
                                case ADDED -> FileChange.Kind.KIND_ADDED;
                                case DELETED -> FileChange.Kind.KIND_DELETED;
                            })
                    .setPath(change.path()));
        }
        return response.build();
    }

    static DiskUsageResponse diskUsage(DiskUsage usage) {
        return DiskUsageResponse.newBuilder()
                .addAllImages(entries(usage.images()))
                .addAllContainers(entries(usage.containers()))
                .addAllVolumes(entries(usage.volumes()))
                .addAllTimelines(entries(usage.timelines()))
                .build();
    }

    private static List<io.tailrace.api.v1.DiskUsage> entries(List<DiskUsage.Entry> entries) {
        return entries.stream()
                .map(entry -> io.tailrace.api.v1.DiskUsage.newBuilder()
                        .setId(entry.id())
                        .setName(entry.name())
                        .setSizeBytes(entry.sizeBytes())
                        .setReclaimableBytes(entry.reclaimableBytes())
                        .build())
                .toList();
    }
}
