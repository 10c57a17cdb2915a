package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ResourceUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** Reads what a container uses from its cgroup and from the network counters of one of its processes. */
final class Usage {
    private static final int RECEIVED_FIELD = 0;
    private static final int SENT_FIELD = 8;

    private Usage() {}

    /** @param hasOwnNetwork whether the counters that the process sees are the container's and not the host's */
    static ResourceUsage read(Cgroup cgroup, long pid, boolean hasOwnNetwork) {
        Cgroup.BlockBytes block = cgroup.blockBytes();
        List<String> devices = hasOwnNetwork ? devices(pid) : List.of();
        return new ResourceUsage(
                Instant.now(),
                cgroup.cpuNanos(),
                cgroup.memoryBytes(),
                cgroup.memoryLimitBytes(),
                cgroup.pids(),
                block.read(),
                block.written(),
                sum(devices, RECEIVED_FIELD),
                sum(devices, SENT_FIELD));
    }

    private static List<String> devices(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "net", "dev"));
        } catch (IOException gone) {
            return List.of();
        }
    }

    /** Lines are {@code name: 16 counters}, after two of heading. */
    private static long sum(List<String> lines, int field) {
        long sum = 0;
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon < 0 || line.substring(0, colon).strip().equals("lo")) {
                continue;
            }
            String[] counters = line.substring(colon + 1).strip().split("\\s+");
            if (counters.length > field) {
                sum += Long.parseLong(counters[field]);
            }
        }
        return sum;
    }
}
