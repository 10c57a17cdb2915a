package io.tailrace.runtime.containerd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.NetworkMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The OCI runtime specification of a container: the JSON that runc turns into namespaces, mounts and limits. What the
 * user leaves open is as in Docker.
 */
final class OciSpec {
    static final String SPEC_TYPE = "types.containerd.io/opencontainers/runtime-spec/1/Spec";
    static final String PROCESS_TYPE = "types.containerd.io/opencontainers/runtime-spec/1/Process";
    static final String RESOURCES_TYPE = "types.containerd.io/opencontainers/runtime-spec/1/LinuxResources";

    private static final ObjectMapper JSON =
            new ObjectMapper().setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL);

    private static final List<String> MASKED_PATHS = List.of(
            "/proc/asound",
            "/proc/acpi",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware",
            "/sys/devices/virtual/powercap");
    private static final List<String> READ_ONLY_PATHS =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private OciSpec() {}

    /**
     * The specification.
     *
     * @param hostname the name it sees, decided
     * @param networkNamespace the file of its network namespace; the empty path makes runc create one
     * @param files the directory of the {@link NetworkFiles} it sees in /etc
     * @param volumes those that it may mount
     */
    static Map<String, Object> of(
            ContainerSpec spec,
            Accounts accounts,
            String hostname,
            Path networkNamespace,
            Path files,
            ContainerdVolumes volumes,
            String cgroupPath) {
        boolean isPrivileged = spec.process().isPrivileged();
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("ociVersion", "1.0.2");
        Map<String, Object> process = OciProcess.of(spec.process(), accounts, hostname);
        if (spec.hasInit()) {
            process.put("args", InitProgram.before(spec.process().arguments()));
        }
        root.put("process", process);
        root.put("root", Map.of("path", "rootfs", "readonly", spec.isReadOnlyRoot()));
        root.put("hostname", hostname);
        root.put("mounts", OciMounts.of(spec, files, volumes));
        Map<String, Object> linux = new LinkedHashMap<>();
        root.put("linux", linux);
        linux.put("cgroupsPath", cgroupPath);
        linux.put("namespaces", namespaces(spec.network(), networkNamespace));
        List<HostDevices.Device> devices = HostDevices.of(spec);
        linux.put("resources", OciResources.of(spec, devices));
        if (spec.network() != NetworkMode.HOST) {
            linux.put(
                    "sysctl",
                    Map.of("net.ipv4.ip_unprivileged_port_start", "0", "net.ipv4.ping_group_range", "0 2147483647"));
        }
        if (!devices.isEmpty()) {
            linux.put("devices", devices.stream().map(HostDevices.Device::node).toList());
        }
        if (!isPrivileged) {
            linux.put("maskedPaths", MASKED_PATHS);
            linux.put("readonlyPaths", READ_ONLY_PATHS);
            linux.put("seccomp", Seccomp.filter(LinuxCapabilities.of(spec.process()), Seccomp.architecture()));
        }
        return root;
    }

    /** A part of a specification as containerd takes it: its JSON in an Any. */
    static Any any(String type, Object part) {
        try {
            return Any.newBuilder()
                    .setTypeUrl(type)
                    .setValue(ByteString.copyFrom(JSON.writeValueAsBytes(part)))
                    .build();
        } catch (JsonProcessingException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static List<Map<String, Object>> namespaces(NetworkMode network, Path networkNamespace) {
        List<Map<String, Object>> namespaces = new ArrayList<>();
        for (String type : List.of("pid", "ipc", "uts", "mount")) {
            namespaces.add(Map.of("type", type));
        }
        if (Cgroup.isUnified()) {
            namespaces.add(Map.of("type", "cgroup"));
        }
        if (network == NetworkMode.BRIDGE) {
            namespaces.add(Map.of("type", "network", "path", networkNamespace.toString()));
        } else if (network == NetworkMode.NONE) {
            namespaces.add(Map.of("type", "network"));
        }
        return namespaces;
    }
}
