package io.tailrace.runtime.containerd;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The limits part of an OCI specification. */
final class OciResources {
    /** What runc itself needs to start a container. */
    private static final long MEMORY_BYTES_MIN = 6 << 20;

    private static final long CPU_PERIOD_MICROS = 100_000;
    /** The kernel's least quota. */
    private static final long CPU_QUOTA_MICROS_MIN = 1_000;

    private static final long UNLIMITED = -1;
    private static final long CPU_SHARES_DEFAULT = 1_024;
    private static final long CPU_SHARES_MIN = 2;
    private static final long CPU_SHARES_MAX = 262_144;
    private static final long NANOS_PER_MICRO = 1_000;
    private static final long MICROS_PER_SECOND = 1_000_000;

    private OciResources() {}

    /** For a new container: limits and devices. runc adds the harmless devices, such as /dev/null, by itself. */
    static Map<String, Object> of(ContainerSpec spec, List<HostDevices.Device> devices) {
        Map<String, Object> resources = of(spec.limits());
        boolean isPrivileged = spec.process().isPrivileged();
        List<Map<String, Object>> rules = new ArrayList<>();
        rules.add(Map.of("allow", isPrivileged, "access", "rwm"));
        if (!isPrivileged) {
            devices.forEach(device -> rules.add(device.rule()));
        }
        resources.put("devices", rules);
        return resources;
    }

    /** The limits alone, as an update takes them. */
    static Map<String, Object> of(Limits limits) {
        Map<String, Object> resources = new LinkedHashMap<>();
        Map<String, Object> memory = memory(limits);
        if (!memory.isEmpty()) {
            resources.put("memory", memory);
        }
        Map<String, Object> cpu = cpu(limits);
        if (!cpu.isEmpty()) {
            resources.put("cpu", cpu);
        }
        if (limits.pids() > 0) {
            resources.put("pids", Map.of("limit", limits.pids()));
        }
        return resources;
    }

    /** For a running container: what is not limited (any more) has to be said, else it stays as it was. @param cgroup its own */
    static Map<String, Object> forUpdate(Limits limits, Cgroup cgroup) {
        Map<String, Object> resources = of(limits);
        Map<String, Object> cpu = cpu(limits);
        cpu.putIfAbsent("period", CPU_PERIOD_MICROS);
        cpu.putIfAbsent("quota", UNLIMITED);
        cpu.putIfAbsent("shares", CPU_SHARES_DEFAULT);
        if (limits.cpus().isEmpty() && cgroup.isBoundToProcessors()) {
            cpu.put("cpus", cgroup.processorsOfParent());
        }
        resources.put("cpu", cpu);
        if (limits.memoryBytes() == 0) {
            resources.put(
                    "memory",
                    Cgroup.isSwapAccounted()
                            ? Map.of("limit", UNLIMITED, "swap", UNLIMITED)
                            : Map.of("limit", UNLIMITED));
        }
        resources.putIfAbsent("pids", Map.of("limit", UNLIMITED));
        return resources;
    }

    /** The limits that a specification has. @param resources its part about them */
    static Limits limits(JsonNode resources) {
        JsonNode cpu = resources.path("cpu");
        return new Limits(
                resources.at("/memory/limit").asLong(),
                resources.at("/memory/swap").asLong(),
                cpu.path("quota").asLong() * NANOS_PER_MICRO * MICROS_PER_SECOND / CPU_PERIOD_MICROS,
                cpu.path("shares").asLong(),
                cpu.path("cpus").asText(),
                resources.at("/pids/limit").asLong());
    }

    private static Map<String, Object> memory(Limits limits) {
        Map<String, Object> memory = new LinkedHashMap<>();
        long bytes = limits.memoryBytes();
        long withSwapBytes = limits.memorySwapBytes();
        if (bytes == 0) {
            require(withSwapBytes <= 0, "memorySwapBytes", withSwapBytes, "0 or -1 without memoryBytes");
            return memory;
        }
        require(bytes >= MEMORY_BYTES_MIN, "memoryBytes", bytes, "0, or >= " + MEMORY_BYTES_MIN);
        require(
                withSwapBytes == 0 || withSwapBytes == -1 || withSwapBytes >= bytes,
                "memorySwapBytes",
                withSwapBytes,
                "0, -1, or >= memoryBytes");
        memory.put("limit", bytes);
        if (Cgroup.isSwapAccounted()) {
            memory.put("swap", withSwapBytes == 0 ? 2 * bytes : withSwapBytes);
        }
        return memory;
    }

    private static Map<String, Object> cpu(Limits limits) {
        Map<String, Object> cpu = new LinkedHashMap<>();
        if (limits.cpuNanos() != 0) {
            long quotaMicros = limits.cpuNanos() / NANOS_PER_MICRO * CPU_PERIOD_MICROS / MICROS_PER_SECOND;
            require(quotaMicros >= CPU_QUOTA_MICROS_MIN, "cpuNanos", limits.cpuNanos(), "0, or >= 10000000");
            cpu.put("period", CPU_PERIOD_MICROS);
            cpu.put("quota", quotaMicros);
        }
        if (limits.cpuShares() != 0) {
            require(
                    limits.cpuShares() >= CPU_SHARES_MIN && limits.cpuShares() <= CPU_SHARES_MAX,
                    "cpuShares",
                    limits.cpuShares(),
                    "0, or 2 to 262144");
            cpu.put("shares", limits.cpuShares());
        }
        if (!limits.cpus().isEmpty()) {
            cpu.put("cpus", limits.cpus());
        }
        return cpu;
    }

    private static void require(boolean condition, String name, long value, String expected) {
        if (!condition) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "%s: %d (expected: %s)".formatted(name, value, expected));
        }
    }
}
