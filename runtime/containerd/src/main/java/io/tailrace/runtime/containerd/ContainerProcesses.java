package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ProcessEntry;
import io.tailrace.runtime.spi.RuntimeContainer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The processes of a control group, as {@code proc(5)} tells them. */
final class ContainerProcesses {
    private static final Path PROC = Path.of("/proc");
    /** What the kernel tells times in to programs, on every architecture that Java runs on. */
    private static final long TICKS_PER_SECOND = 100;

    private static final long NANOS_PER_TICK = 1_000_000_000 / TICKS_PER_SECOND;
    private static final int ARGUMENTS_BYTES_MAX = 4_096;

    /** Places in {@code stat}, counted from behind the name. */
    private static final int USER_TICKS = 11;

    private static final int SYSTEM_TICKS = 12;
    private static final int START_TICKS = 19;

    private ContainerProcesses() {}

    /** @param name of the container, for messages. @throws ContainerRuntimeException RESOURCE_EXHAUSTED for too many */
    static List<ProcessEntry> of(Cgroup cgroup, String name) throws IOException {
        List<Long> pids = cgroup.processes();
        if (pids.size() > RuntimeContainer.PROCESSES_MAX) {
            throw new ContainerRuntimeException(
                    Code.RESOURCE_EXHAUSTED,
                    "processes of container %s: %d (expected: at most %d)"
                            .formatted(name, pids.size(), RuntimeContainer.PROCESSES_MAX));
        }
        Instant booted = booted();
        List<ProcessEntry> entries = new ArrayList<>();
        for (long pid : pids) {
            read(pid, booted).ifPresent(entries::add);
        }
        return entries;
    }

    private static Instant booted() throws IOException {
        for (String line : Files.readAllLines(PROC.resolve("stat"))) {
            if (line.startsWith("btime ")) {
                return Instant.ofEpochSecond(
                        Long.parseLong(line.substring("btime ".length()).strip()));
            }
        }
        throw new IOException("/proc/stat: no btime");
    }

    /** Empty for one that has ended meanwhile. */
    private static Optional<ProcessEntry> read(long pid, Instant booted) {
        Path directory = PROC.resolve(Long.toString(pid));
        try {
            String stat = Files.readString(directory.resolve("stat"), StandardCharsets.ISO_8859_1);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
            Map<String, String> status = status(directory);
            return Optional.of(new ProcessEntry(
                    pid,
                    Long.parseLong(status.getOrDefault("PPid", "0")),
                    Integer.parseUnsignedInt(status.getOrDefault("Uid", "0").split("\\s+")[1]),
                    booted.plus(Duration.ofNanos(Long.parseLong(fields[START_TICKS]) * NANOS_PER_TICK)),
                    (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS])) * NANOS_PER_TICK,
                    Long.parseLong(status.getOrDefault("VmRSS", "0 kB").split(" ")[0]) << 10,
                    arguments(directory, status.getOrDefault("Name", ""))));
        } catch (IOException ended) {
            return Optional.empty();
        }
    }

    private static Map<String, String> status(Path directory) throws IOException {
        Map<String, String> values = new HashMap<>();
        for (String line : Files.readAllLines(directory.resolve("status"), StandardCharsets.ISO_8859_1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                values.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
        return values;
    }

    /** One that has none any more, being a zombie, is told by its name in brackets, as ps does. */
    private static List<String> arguments(Path directory, String name) throws IOException {
        try (InputStream file = Files.newInputStream(directory.resolve("cmdline"))) {
            String text = new String(file.readNBytes(ARGUMENTS_BYTES_MAX), StandardCharsets.UTF_8);
            return text.isEmpty() ? List.of("[" + name + "]") : List.of(text.split("\0"));
        }
    }
}
