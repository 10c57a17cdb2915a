package io.tailrace.runtime.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The limits that the kernel holds a process to, under either version of control groups. */
record KernelLimits(List<String> groups) {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    static KernelLimits of(long pid) throws IOException {
        return new KernelLimits(Files.readAllLines(Path.of("/proc", Long.toString(pid), "cgroup")));
    }

    /** Bytes; more than any machine has for none. */
    long memoryBytes() throws IOException {
        String limit = read("memory", "memory.limit_in_bytes", "memory.max");
        return limit.equals("max") ? Long.MAX_VALUE : Long.parseLong(limit);
    }

    /** Of a period of 100 ms, in microseconds; -1 for none. */
    long cpuQuotaMicros() throws IOException {
        String quota = read("cpu", "cpu.cfs_quota_us", "cpu.max").split(" ")[0];
        return quota.equals("max") ? -1 : Long.parseLong(quota);
    }

    String pids() throws IOException {
        return read("pids", "pids.max", "pids.max");
    }

    String cpus() throws IOException {
        return read("cpuset", "cpuset.cpus", "cpuset.cpus.effective");
    }

    private String read(String controller, String file, String unifiedFile) throws IOException {
        for (String line : groups) {
            String[] parts = line.split(":", 3);
            if (List.of(parts[1].split(",")).contains(controller)) {
                return Files.readString(Path.of(ROOT + "/" + controller + parts[2], file))
                        .strip();
            }
        }
        String unified = groups.getLast().split(":", 3)[2];
        return Files.readString(Path.of(ROOT + unified, unifiedFile)).strip();
    }
}
