package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ProcessSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which capabilities a process gets: Docker's default set, plus those added, minus those dropped. None that this
 * server lacks itself, because runc could not hand it on.
 */
final class LinuxCapabilities {
    /** As {@code linux/capability.h} numbers them, from 0. */
    private static final List<String> ALL = prefixed("""
            CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
            NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT
            SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE
            AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ
            PERFMON BPF CHECKPOINT_RESTORE""");

    private static final List<String> DEFAULT = prefixed("""
            CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT
            KILL AUDIT_WRITE""");

    private static final Set<String> HELD = held();

    private LinuxCapabilities() {}

    /** The set for a process. */
    static Set<String> of(ProcessSpec spec) {
        if (spec.isPrivileged()) {
            return HELD;
        }
        List<String> added = named(spec.addedCapabilities());
        List<String> dropped = named(spec.droppedCapabilities());
        Set<String> capabilities = new LinkedHashSet<>(added.contains("CAP_ALL") ? ALL : DEFAULT);
        if (dropped.contains("CAP_ALL")) {
            capabilities.clear();
        }
        capabilities.addAll(added);
        capabilities.removeAll(dropped);
        capabilities.retainAll(HELD);
        return capabilities;
    }

    private static List<String> named(List<String> names) {
        return names.stream().map(LinuxCapabilities::named).toList();
    }

    private static String named(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        String full = upper.startsWith("CAP_") ? upper : "CAP_" + upper;
        if (!full.equals("CAP_ALL") && !ALL.contains(full)) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "capability: %s (expected: ALL or a name such as NET_ADMIN)".formatted(name));
        }
        return full;
    }

    private static Set<String> held() {
        long bits = boundingBits();
        List<String> held = new ArrayList<>();
        for (int number = 0; number < ALL.size(); number++) {
            if (((bits >>> number) & 1) == 1) {
                held.add(ALL.get(number));
            }
        }
        return Set.copyOf(held);
    }

    private static long boundingBits() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("CapBnd:"))
                    .map(line -> Long.parseUnsignedLong(
                            line.substring("CapBnd:".length()).strip(), 16))
                    .findFirst()
                    .orElse(-1L);
        } catch (IOException unreadable) {
            return -1;
        }
    }

    private static List<String> prefixed(String names) {
        return List.of(names.split("\\s+")).stream().map("CAP_"::concat).toList();
    }
}
