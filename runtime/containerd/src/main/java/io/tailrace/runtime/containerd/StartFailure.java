package io.tailrace.runtime.containerd;

import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what runc says when it cannot start a command. Its errors are prose; these are the ones whose cause is the
 * command or the working directory and not the machine.
 */
final class StartFailure {
    private static final Pattern NOT_FOUND = Pattern.compile(
            "exec: \"(.*?)\": (?:executable file not found|stat .*: no such file|no such file|.*not a directory)");
    private static final Pattern NOT_EXECUTABLE = Pattern.compile(
            "exec: \"(.*?)\": (permission denied|is a directory|exec format error|.*permission denied)");
    private static final Pattern DIRECTORY = Pattern.compile("chdir to cwd \\(\"(.*?)\"\\).*failed: ([^:]*)");

    private StartFailure() {}

    /** The typed failure, if the command is to blame. */
    static Optional<ContainerRuntimeException> of(StatusRuntimeException failure) {
        String description = Failures.description(failure);
        Matcher notFound = NOT_FOUND.matcher(description);
        if (notFound.find()) {
            return Optional.of(new ContainerRuntimeException(
                    Code.COMMAND_NOT_FOUND,
                    "command: %s (expected: a file in the container)".formatted(notFound.group(1)),
                    failure));
        }
        Matcher notExecutable = NOT_EXECUTABLE.matcher(description);
        if (notExecutable.find()) {
            return Optional.of(new ContainerRuntimeException(
                    Code.COMMAND_NOT_EXECUTABLE,
                    "command: %s: %s (expected: an executable file)"
                            .formatted(notExecutable.group(1), notExecutable.group(2)),
                    failure));
        }
        Matcher directory = DIRECTORY.matcher(description);
        if (directory.find()) {
            return Optional.of(new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "workingDirectory: %s: %s (expected: a directory in the container)"
                            .formatted(directory.group(1), directory.group(2)),
                    failure));
        }
        return Optional.empty();
    }
}
