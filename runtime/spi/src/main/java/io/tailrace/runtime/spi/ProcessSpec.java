package io.tailrace.runtime.spi;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A process to run in a container: its init process or an exec process.
 *
 * @param arguments the command and its arguments, at least one
 * @param environment {@code NAME=value} entries, complete
 * @param workingDirectory an absolute path inside; it is made if it is missing
 * @param user {@code user[:group]}, by name or number; empty: root
 * @param groups more groups for the user, by name or number
 * @param hasStdin whether it has a stdin that clients write to; else it reads an empty one
 * @param terminal the size of its terminal, or null for none. With a terminal there is one output stream, stdout
 * @param isPrivileged whether it has all capabilities and sees all devices
 * @param addedCapabilities beyond Docker's default set, such as {@code NET_ADMIN}; {@code ALL} for all
 * @param droppedCapabilities out of that set
 * @param isNoNewPrivileges whether no program that it runs may gain rights, as setuid programs do
 * @param ulimits what the kernel allows the process, each name once; the others are as the runtime has them
 */
public record ProcessSpec(
        List<String> arguments,
        List<String> environment,
        String workingDirectory,
        String user,
        List<String> groups,
        boolean hasStdin,
        @Nullable TerminalSize terminal,
        boolean isPrivileged,
        List<String> addedCapabilities,
        List<String> droppedCapabilities,
        boolean isNoNewPrivileges,
        List<Ulimit> ulimits) {
    /** Copies the lists. Those that an earlier version did not write down are empty. */
    public ProcessSpec {
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
        groups = groups == null ? List.of() : List.copyOf(groups);
        ulimits = ulimits == null ? List.of() : List.copyOf(ulimits);
        addedCapabilities = List.copyOf(addedCapabilities);
        droppedCapabilities = List.copyOf(droppedCapabilities);
    }

    /** Nothing but a command: as root in {@code /}, without stdin, terminal and more than the default rights. */
    public static ProcessSpec of(List<String> arguments) {
        return new ProcessSpec(
                arguments, List.of(), "/", "", List.of(), false, null, false, List.of(), List.of(), false, List.of());
    }

    /**
     * A limit that the kernel holds against a process, as {@code setrlimit(2)} has them.
     *
     * @param name in lower case and without RLIMIT_: {@code nofile}, {@code core}
     * @param soft what holds now; -1: no limit
     * @param hard how far the process may raise it; -1: no limit
     */
    public record Ulimit(String name, long soft, long hard) {
        /** Every name there is. */
        public static final Set<String> NAMES = Set.of(
                "as",
                "core",
                "cpu",
                "data",
                "fsize",
                "locks",
                "memlock",
                "msgqueue",
                "nice",
                "nofile",
                "nproc",
                "rss",
                "rtprio",
                "rttime",
                "sigpending",
                "stack");
    }
}
