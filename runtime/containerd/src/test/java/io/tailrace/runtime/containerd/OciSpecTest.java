package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Any;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import io.tailrace.runtime.spi.ContainerSpec.NetworkMode;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OciSpecTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Accounts ACCOUNTS = new Accounts("u:x:5:6::/home/u:/bin/sh\n", "");

    private static JsonNode generate(ContainerSpec spec) throws IOException {
        Any any = OciSpec.any(
                OciSpec.SPEC_TYPE,
                OciSpec.of(
                        spec,
                        ACCOUNTS,
                        "name",
                        Path.of("/ns/net"),
                        Path.of("/files"),
                        new ContainerdVolumes(Path.of("/volumes")),
                        "/tailrace/id"));
        assertThat(any.getTypeUrl()).isEqualTo("types.containerd.io/opencontainers/runtime-spec/1/Spec");
        return JSON.readTree(any.getValue().toByteArray());
    }

    private static ProcessSpec process(boolean isPrivileged, List<String> added, List<String> dropped) {
        return new ProcessSpec(
                List.of("a", "b c"),
                List.of("X=y", "HOME=/mine"),
                "",
                "u",
                List.of(),
                true,
                new TerminalSize(80, 24),
                isPrivileged,
                added,
                dropped,
                false,
                List.of());
    }

    private static ContainerSpec spec(ProcessSpec process, NetworkMode network, Limits limits) {
        return new ContainerSpec(
                "0".repeat(64),
                "image",
                process,
                "name",
                network,
                List.of(),
                ContainerSpec.Dns.DEFAULT,
                List.of(),
                List.of(),
                true,
                false,
                limits,
                List.of(),
                Map.of(),
                List.of());
    }

    @Test
    void theProcessIsWhatWasAskedFor() throws IOException {
        JsonNode process = generate(spec(process(false, List.of(), List.of()), NetworkMode.NONE, Limits.NONE))
                .path("process");
        assertThat(process.path("args")).hasToString("[\"a\",\"b c\"]");
        assertThat(process.path("env"))
                .hasToString("[\"X=y\",\"HOME=/mine\","
                        + "\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\","
                        + "\"HOSTNAME=name\",\"TERM=xterm\"]");
        assertThat(process.path("cwd").asText()).isEqualTo("/");
        assertThat(process.path("terminal").asBoolean()).isTrue();
        assertThat(process.path("consoleSize").path("height").asInt()).isEqualTo(24);
        assertThat(process.path("user").path("uid").asInt()).isEqualTo(5);
        assertThat(process.path("user").path("additionalGids")).hasToString("[6]");
        assertThat(process.path("capabilities").path("effective")).isEmpty();
        assertThat(strings(process.path("capabilities").path("bounding")))
                .containsExactly(
                        "CAP_AUDIT_WRITE",
                        "CAP_CHOWN",
                        "CAP_DAC_OVERRIDE",
                        "CAP_FOWNER",
                        "CAP_FSETID",
                        "CAP_KILL",
                        "CAP_MKNOD",
                        "CAP_NET_BIND_SERVICE",
                        "CAP_NET_RAW",
                        "CAP_SETFCAP",
                        "CAP_SETGID",
                        "CAP_SETPCAP",
                        "CAP_SETUID",
                        "CAP_SYS_CHROOT");
        assertThat(process.has("rlimits")).isFalse();
    }

    @Test
    void capabilitiesAreAddedAndDropped() {
        assertThat(LinuxCapabilities.of(process(false, List.of("net_admin"), List.of("CAP_CHOWN"))))
                .contains("CAP_NET_ADMIN")
                .doesNotContain("CAP_CHOWN");
        assertThat(LinuxCapabilities.of(process(false, List.of("KILL"), List.of("all"))))
                .containsExactly("CAP_KILL");
        assertThat(LinuxCapabilities.of(process(false, List.of("ALL"), List.of("SYS_ADMIN"))))
                .contains("CAP_SYS_PTRACE")
                .doesNotContain("CAP_SYS_ADMIN");
        LifecycleTest.assertCode(
                Code.INVALID_ARGUMENT, () -> LinuxCapabilities.of(process(false, List.of("FLY"), List.of())));
    }

    @Test
    void theHostIsKeptOutOfReach() throws IOException {
        JsonNode root = generate(spec(process(false, List.of(), List.of()), NetworkMode.BRIDGE, Limits.NONE));
        assertThat(root.path("root").path("readonly").asBoolean()).isTrue();
        JsonNode linux = root.path("linux");
        assertThat(strings(linux.path("maskedPaths"))).contains("/proc/kcore", "/sys/firmware");
        assertThat(strings(linux.path("readonlyPaths"))).contains("/proc/sys");
        assertThat(linux.path("namespaces"))
                .extracting(namespace -> namespace.path("type").asText())
                .containsExactly("pid", "ipc", "uts", "mount", "network");
        assertThat(linux.path("namespaces").path(4).path("path").asText()).isEqualTo("/ns/net");
        assertThat(linux.path("resources").path("devices").path(0).path("allow").asBoolean(true))
                .isFalse();
        assertThat(linux.path("cgroupsPath").asText()).isEqualTo("/tailrace/id");
        JsonNode mounts = root.path("mounts");
        assertThat(strings(mounts.findParents("destination").stream()
                        .map(mount -> mount.path("destination"))
                        .toList()))
                .containsExactly(
                        "/proc",
                        "/dev",
                        "/dev/pts",
                        "/sys",
                        "/sys/fs/cgroup",
                        "/dev/mqueue",
                        "/dev/shm",
                        "/etc/hosts",
                        "/etc/hostname",
                        "/etc/resolv.conf");
    }

    @Test
    void aPrivilegedContainerIsNotRestricted() throws IOException {
        JsonNode linux = generate(spec(process(true, List.of(), List.of()), NetworkMode.HOST, Limits.NONE))
                .path("linux");
        assertThat(linux.has("seccomp")).isFalse();
        assertThat(linux.has("maskedPaths")).isFalse();
        assertThat(linux.path("namespaces").toString()).doesNotContain("network");
        assertThat(linux.path("devices").toString()).contains("/dev/null");
    }

    @Test
    void limitsAreInTheKernelsUnits() throws IOException {
        Limits limits = new Limits(64 << 20, -1, 1_500_000_000, 512, "0-1", 100);
        JsonNode resources = generate(spec(process(false, List.of(), List.of()), NetworkMode.NONE, limits))
                .path("linux")
                .path("resources");
        assertThat(resources.path("memory").path("limit").asLong()).isEqualTo(64 << 20);
        assertThat(resources.path("cpu"))
                .hasToString("{\"period\":100000,\"quota\":150000,\"shares\":512,\"cpus\":\"0-1\"}");
        assertThat(resources.path("pids").path("limit").asLong()).isEqualTo(100);
        for (Limits wrong : List.of(
                new Limits(1, 0, 0, 0, "", 0),
                new Limits(64 << 20, 1, 0, 0, "", 0),
                new Limits(0, 1 << 30, 0, 0, "", 0),
                new Limits(0, 0, 1, 0, "", 0),
                new Limits(0, 0, 0, 1, "", 0))) {
            LifecycleTest.assertCode(Code.INVALID_ARGUMENT, () -> OciResources.of(wrong));
        }
    }

    @Test
    void theSystemCallFilterDependsOnCapabilities() {
        String plain = Seccomp.filter(Set.of(), "amd64").toString();
        assertThat(plain)
                .contains("SCMP_ACT_ERRNO", "SCMP_ARCH_X86_64", "arch_prctl", "personality", "openat2")
                .contains("names=[clone3], action=SCMP_ACT_ERRNO, errnoRet=38")
                .contains("names=[clone], action=SCMP_ACT_ALLOW, args=[{")
                .doesNotContain("unshare", "reboot", "io_uring_setup", "arm_fadvise64_64");
        assertThat(Seccomp.filter(Set.of("CAP_SYS_ADMIN"), "arm64").toString())
                .contains("unshare", "SCMP_ARCH_AARCH64", "arm_fadvise64_64")
                .doesNotContain("errnoRet=38", "arch_prctl");
    }

    private static List<String> strings(Iterable<JsonNode> nodes) {
        List<String> strings = new ArrayList<>();
        nodes.forEach(node -> strings.add(node.asText()));
        return strings;
    }
}
