package io.tailrace.engine;

import io.tailrace.runtime.spi.TerminalSize;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request for an exec process.
 *
 * @param id the client's choice, 1 to 64 of {@code [a-zA-Z0-9_.-]}, unique in the container; empty: made here
 * @param command at least one argument
 * @param environment added to the container's
 * @param workingDirectory empty: the container's
 * @param user empty: the container's
 */
public record NewExec(
        String id,
        List<String> command,
        Map<String, String> environment,
        String workingDirectory,
        String user,
        boolean hasStdin,
        @Nullable TerminalSize terminal,
        boolean isPrivileged) {
    /** Copies the collections. */
    public NewExec {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }
}
