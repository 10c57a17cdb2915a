package io.tailrace.runtime.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A process to run in a container: its init process or an exec process.
 *
 * @param arguments the command and its arguments, at least one
 * @param environment {@code NAME=value} entries, complete
 * @param workingDirectory an absolute path inside; it is made if it is missing
 * @param user {@code user[:group]}, by name or number; empty: root
 * @param hasStdin whether it has a stdin that clients write to; else it reads an empty one
 * @param terminal the size of its terminal, or null for none. With a terminal there is one output stream, stdout
 * @param isPrivileged whether it has all capabilities and sees all devices
 * @param addedCapabilities beyond Docker's default set, such as {@code NET_ADMIN}; {@code ALL} for all
 * @param droppedCapabilities out of that set
 */
public record ProcessSpec(
        List<String> arguments,
        List<String> environment,
        String workingDirectory,
        String user,
        boolean hasStdin,
        @Nullable TerminalSize terminal,
        boolean isPrivileged,
        List<String> addedCapabilities,
        List<String> droppedCapabilities) {
    /** Copies the lists. */
    public ProcessSpec {
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
        addedCapabilities = List.copyOf(addedCapabilities);
        droppedCapabilities = List.copyOf(droppedCapabilities);
    }
}
