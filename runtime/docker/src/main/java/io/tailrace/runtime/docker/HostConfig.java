package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Device;
import io.tailrace.runtime.spi.ContainerSpec.Dns;
import io.tailrace.runtime.spi.ContainerSpec.HostEntry;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import io.tailrace.runtime.spi.ContainerSpec.Mount;
import io.tailrace.runtime.spi.ContainerSpec.NetworkMode;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.ProcessSpec.Ulimit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The part of a container's request that the engine calls {@code HostConfig}: what it is given of the host. */
final class HostConfig {
    static final long CPU_PERIOD_MICROS = 100_000;
    static final String NO_NEW_PRIVILEGES = "no-new-privileges";
    private static final long NANOS_PER_MICRO = 1_000;
    private static final long MICROS_PER_SECOND = 1_000_000;

    /**
     * The log that is read after a restart of this server. Of the engine's drivers this one alone keeps bytes that are no
     * text. It is never cut: that would lose what no timeline has yet.
     */
    private static final Map<String, Object> LOG =
            Map.of("Type", "local", "Config", Map.of("max-size", "1000000g", "max-file", "1", "compress", "false"));

    private HostConfig() {}

    static Map<String, Object> of(ContainerSpec spec, boolean hasLocalLog, String gateway) {
        Map<String, Object> host = new LinkedHashMap<>();
        rights(spec.process(), host);
        network(spec, gateway, host);
        host.put(
                "Mounts",
                spec.mounts().stream()
                        .filter(mount -> mount.type() != Mount.Type.TMPFS)
                        .map(mount -> mount.type() == Mount.Type.BIND ? bind(mount) : volume(mount))
                        .toList());
        host.put(
                "Tmpfs",
                spec.mounts().stream()
                        .filter(mount -> mount.type() == Mount.Type.TMPFS)
                        .collect(Collectors.toMap(Mount::target, HostConfig::tmpfsOptions, (earlier, later) -> later)));
        host.put("ReadonlyRootfs", spec.isReadOnlyRoot());
        host.put("Init", spec.hasInit());
        host.put("Devices", spec.devices().stream().map(HostConfig::device).toList());
        host.put("RestartPolicy", Map.of("Name", "no"));
        if (hasLocalLog) {
            host.put("LogConfig", LOG);
        }
        limits(spec.limits()).forEach((name, value) -> {
            if (value != 0) {
                host.put(name, value);
            }
        });
        if (!spec.limits().cpus().isEmpty()) {
            host.put("CpusetCpus", spec.limits().cpus());
        }
        return host;
    }

    private static void rights(ProcessSpec process, Map<String, Object> host) {
        host.put("Privileged", process.isPrivileged());
        host.put("CapAdd", process.addedCapabilities());
        host.put("CapDrop", process.droppedCapabilities());
        host.put("GroupAdd", process.groups());
        host.put("Ulimits", process.ulimits().stream().map(HostConfig::ulimit).toList());
        if (process.isNoNewPrivileges()) {
            host.put("SecurityOpt", List.of(NO_NEW_PRIVILEGES));
        }
    }

    private static Map<String, Object> ulimit(Ulimit ulimit) {
        return Map.of("Name", ulimit.name(), "Soft", ulimit.soft(), "Hard", ulimit.hard());
    }

    private static void network(ContainerSpec spec, String gateway, Map<String, Object> host) {
        host.put(
                "NetworkMode",
                spec.networks().isEmpty()
                        ? spec.network().name().toLowerCase(Locale.ROOT)
                        : spec.networks().getFirst().network());
        host.put(
                "ExtraHosts",
                spec.hosts().stream()
                        .map(entry -> entry.name() + ":"
                                + (entry.address().equals(HostEntry.GATEWAY) ? gateway : entry.address()))
                        .toList());
        Dns dns = spec.dns();
        host.put("Dns", dns.servers());
        host.put("DnsSearch", dns.searches());
        host.put("DnsOptions", dns.options());
        if (spec.network() == NetworkMode.BRIDGE && !spec.ports().isEmpty()) {
            host.put("PortBindings", Ports.bindings(spec.ports()));
        }
    }

    private static Map<String, Object> bind(Mount mount) {
        String propagation =
                mount.options().isEmpty() ? "rprivate" : mount.options().getFirst();
        return Map.of(
                "Type", "bind",
                "Source", mount.source(),
                "Target", mount.target(),
                "ReadOnly", mount.isReadOnly(),
                "BindOptions", Map.of("Propagation", propagation));
    }

    private static Map<String, Object> volume(Mount mount) {
        return Map.of(
                "Type", "volume",
                "Source", mount.source(),
                "Target", mount.target(),
                "ReadOnly", mount.isReadOnly(),
                "VolumeOptions", Map.of("NoCopy", !mount.isFilled()));
    }

    /** The engine's own are nosuid, nodev and noexec; of two that contradict each other it takes the later. */
    private static String tmpfsOptions(Mount mount) {
        List<String> options = new ArrayList<>(List.of("mode=1777", mount.isReadOnly() ? "ro" : "rw"));
        if (mount.sizeBytes() > 0) {
            options.add("size=" + mount.sizeBytes());
        }
        options.addAll(mount.options());
        return String.join(",", options);
    }

    private static Map<String, Object> device(Device device) {
        return Map.of(
                "PathOnHost", device.source(),
                "PathInContainer", device.target(),
                "CgroupPermissions", device.access());
    }

    /** 0 for what is not limited. */
    static Map<String, Long> limits(Limits limits) {
        long quotaMicros = limits.cpuNanos() / NANOS_PER_MICRO * CPU_PERIOD_MICROS / MICROS_PER_SECOND;
        Map<String, Long> named = new LinkedHashMap<>();
        named.put("Memory", limits.memoryBytes());
        named.put("MemorySwap", limits.memorySwapBytes());
        named.put("CpuPeriod", limits.cpuNanos() == 0 ? 0 : CPU_PERIOD_MICROS);
        named.put("CpuQuota", quotaMicros);
        named.put("CpuShares", limits.cpuShares());
        named.put("PidsLimit", limits.pids());
        return named;
    }

    /** Processor time of a quota; 0 for none. */
    static long cpuNanos(long quotaMicros) {
        return Math.max(0, quotaMicros) * NANOS_PER_MICRO * MICROS_PER_SECOND / CPU_PERIOD_MICROS;
    }
}
