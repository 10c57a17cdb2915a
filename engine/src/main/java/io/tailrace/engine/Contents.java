package io.tailrace.engine;

import io.tailrace.runtime.spi.ArchiveSink;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.FileChange;
import io.tailrace.runtime.spi.PathStatus;
import io.tailrace.runtime.spi.ProcessEntry;
import io.tailrace.runtime.spi.RuntimeContainer;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** What is in a container now: its processes, its files, and what it has changed in them. Lists are bounded, so that one answer holds them. */
final class Contents {
    /** Of the paths of all changes. Together with the rest of them less than the 4 MiB that gRPC's clients take. */
    private static final int PATHS_BYTES_MAX = 3 << 20;
    /** Of the command lines of all processes; longer ones are cut, each to its share. */
    private static final int ARGUMENTS_LENGTH_MAX = 1 << 20;

    private final EngineContainer container;
    private final Supplier<RuntimeContainer> inRuntime;

    /** @param inRuntime the runtime's container; FAILED_PRECONDITION if there is none */
    Contents(EngineContainer container, Supplier<RuntimeContainer> inRuntime) {
        this.container = container;
        this.inRuntime = inRuntime;
    }

    /** By pid. */
    List<ProcessEntry> processes() {
        Journal journal = container.journal();
        if (!journal.fold().state().isUp()) {
            throw journal.illegal("top");
        }
        List<ProcessEntry> processes = RuntimeCalls.call(inRuntime.get()::processes);
        int share = ARGUMENTS_LENGTH_MAX / Math.max(1, processes.size());
        return processes.stream()
                .map(process -> cut(process, share))
                .sorted(Comparator.comparingLong(ProcessEntry::pid))
                .toList();
    }

    private static ProcessEntry cut(ProcessEntry process, int lengthMax) {
        List<String> arguments = new ArrayList<>();
        int left = lengthMax;
        for (String argument : process.arguments()) {
            if (left <= 0) {
                break;
            }
            arguments.add(argument.length() <= left ? argument : argument.substring(0, left));
            left -= argument.length() + 1;
        }
        return new ProcessEntry(
                process.pid(),
                process.parentPid(),
                process.user(),
                process.startedAt(),
                process.cpuNanos(),
                process.memoryBytes(),
                arguments);
    }

    /** What a path is. NOT_FOUND. */
    PathStatus stat(String path) {
        Checks.path("path", path);
        RuntimeContainer present = inRuntime.get();
        return RuntimeCalls.call(() -> present.stat(path));
    }

    /** Writes a path and all below it as a tar. */
    void read(String path, ArchiveSink sink) {
        Checks.path("path", path);
        RuntimeContainer present = inRuntime.get();
        RuntimeCalls.run(() -> present.readFiles(path, sink));
    }

    /** Unpacks a tar. @param mayReplace whether a file may take the place of a directory, and a directory that of a file */
    void write(String directory, InputStream archive, boolean mayReplace) {
        Checks.path("directory", directory);
        RuntimeContainer present = inRuntime.get();
        RuntimeCalls.run(() -> present.writeFiles(directory, archive, mayReplace));
    }

    /** By path. */
    List<FileChange> changes() {
        List<FileChange> found = RuntimeCalls.call(inRuntime.get()::changes);
        Set<String> mountPoints = new HashSet<>();
        container.spec().mounts().forEach(mount -> mountPoints.add(mount.target()));
        List<FileChange> changes = new ArrayList<>(FileChange.withoutMountPoints(found, mountPoints));
        long bytes = changes.stream()
                .mapToLong(change -> change.path().getBytes(StandardCharsets.UTF_8).length)
                .sum();
        if (bytes > PATHS_BYTES_MAX) {
            throw new EngineException(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "changes of %s: paths of %d bytes (expected: at most %d)"
                            .formatted(container.journal().title(), bytes, PATHS_BYTES_MAX));
        }
        changes.sort(Comparator.comparing(FileChange::path));
        return changes;
    }

    /** What its removal gives back; 0 where the runtime no longer has it. */
    long writtenBytes() {
        return container
                .runtimeContainer()
                .map(present -> RuntimeCalls.call(() -> writtenBytes(present)))
                .orElse(0L);
    }

    private static long writtenBytes(RuntimeContainer present) {
        try {
            return present.writtenBytes();
        } catch (ContainerRuntimeException e) {
            if (e.code() == ContainerRuntimeException.Code.NOT_FOUND) {
                return 0;
            }
            throw e;
        }
    }
}
