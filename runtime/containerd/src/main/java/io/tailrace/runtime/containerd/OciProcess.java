package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.TerminalSize;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The process part of an OCI specification, for init and exec processes alike. */
final class OciProcess {
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private OciProcess() {}

    static Map<String, Object> of(ProcessSpec spec, Accounts accounts, String hostname) {
        if (spec.arguments().isEmpty()) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "arguments: none (expected: a command, from the user or the image)");
        }
        String directory = spec.workingDirectory().isEmpty() ? "/" : spec.workingDirectory();
        if (!directory.startsWith("/")) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "workingDirectory: %s (expected: an absolute path)".formatted(directory));
        }
        Accounts.User user = accounts.resolve(spec.user(), spec.groups());
        Map<String, Object> process = new LinkedHashMap<>();
        TerminalSize terminal = spec.terminal();
        if (terminal != null) {
            process.put("terminal", true);
            process.put("consoleSize", Map.of("width", terminal.columns(), "height", terminal.rows()));
        }
        process.put("user", Map.of("uid", user.uid(), "gid", user.gid(), "additionalGids", user.additionalGids()));
        process.put("args", spec.arguments());
        process.put("env", environment(spec, user.home(), hostname));
        process.put("cwd", directory);
        process.put("capabilities", capabilities(spec, user.uid() == 0));
        process.put("noNewPrivileges", spec.isNoNewPrivileges());
        if (!spec.ulimits().isEmpty()) {
            process.put(
                    "rlimits", spec.ulimits().stream().map(OciProcess::rlimit).toList());
        }
        return process;
    }

    /** No limit is the largest number, as the kernel has it; JSON takes it as an unsigned one. */
    private static Map<String, Object> rlimit(ProcessSpec.Ulimit ulimit) {
        return Map.of(
                "type",
                "RLIMIT_" + ulimit.name().toUpperCase(Locale.ROOT),
                "soft",
                unsigned(ulimit.soft()),
                "hard",
                unsigned(ulimit.hard()));
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }

    private static List<String> environment(ProcessSpec spec, String home, String hostname) {
        List<String> environment = new ArrayList<>(spec.environment());
        addMissing(environment, "PATH", DEFAULT_PATH);
        addMissing(environment, "HOSTNAME", hostname);
        addMissing(environment, "HOME", home);
        if (spec.terminal() != null) {
            addMissing(environment, "TERM", "xterm");
        }
        return environment;
    }

    private static void addMissing(List<String> environment, String name, String value) {
        if (environment.stream().noneMatch(entry -> entry.startsWith(name + "="))) {
            environment.add(name + "=" + value);
        }
    }

    /** Who is not root may gain these by setuid programs only, as in Docker; nothing is inheritable. */
    private static Map<String, Object> capabilities(ProcessSpec spec, boolean isRoot) {
        List<String> names = sorted(LinuxCapabilities.of(spec));
        List<String> atOnce = isRoot ? names : List.of();
        return Map.of("bounding", names, "effective", atOnce, "permitted", atOnce);
    }

    private static List<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }
}
