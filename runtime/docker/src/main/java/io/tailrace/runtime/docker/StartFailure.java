package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the prose in which an OCI runtime says, through the engine, that the command cannot be started. */
final class StartFailure {
    /** Docker's runc: {@code exec: "x": reason}; Podman's crun: {@code executable file `x` not found}. */
    private static final Pattern COMMAND =
            Pattern.compile("exec: \"(.*?)\": ([^\\n]*)|executable file `(.*?)` (not found)");

    private static final Pattern NOT_FOUND =
            Pattern.compile("executable file not found|no such file|not a directory|not found");
    private static final Pattern NOT_EXECUTABLE = Pattern.compile("permission denied|is a directory|exec format error");
    private static final Pattern DIRECTORY = Pattern.compile("chdir to cwd \\(\"(.*?)\"\\).*failed: ([^:\\n]*)");
    private static final Pattern USER =
            Pattern.compile("unable to find (?:user|group) (.*?): (no matching entries in [a-z]+ file)");
    private static final Pattern MOUNT_SOURCE = Pattern.compile("bind source path does not exist: ([^\\n]*)");
    private static final Pattern GROUP = Pattern.compile("Unable to find group ([^:\\n]*)");
    private static final Pattern DEVICE = Pattern.compile("adding custom device \"(.*?)\"");
    private static final Pattern PORT_ELSEWHERE =
            Pattern.compile("listen \\w+ (\\S+): bind: cannot assign requested address");
    private static final Pattern ADDRESS_IN_USE = Pattern.compile("(Address already in use)");
    private static final Pattern ADDRESSES_USED = Pattern.compile("no available (IPv4) addresses");
    private static final Pattern INIT =
            Pattern.compile("exec: \"(docker-init)\": executable file not found in \\$PATH");
    private static final Pattern GATEWAY = Pattern.compile("derive the IP value for (host-gateway)");

    /** What else the engine may say, the code for it, and what to say to people. */
    private record Words(Pattern pattern, Code code, String message) {}

    /** In this order. */
    private static final List<Words> ALL = List.of(
            new Words(INIT, Code.UNSUPPORTED, "init: the engine has no VALUE (expected: one beside dockerd)"),
            new Words(GATEWAY, Code.UNSUPPORTED, "host: VALUE (expected: an address; the engine knows no gateway)"),
            new Words(USER, Code.INVALID_ARGUMENT, "user: VALUE (expected: one that the container knows)"),
            new Words(GROUP, Code.INVALID_ARGUMENT, "group: VALUE (expected: a number, or one the container knows)"),
            new Words(
                    MOUNT_SOURCE,
                    Code.INVALID_ARGUMENT,
                    "mount source: VALUE (expected: an absolute path that exists on the host)"),
            new Words(
                    DEVICE,
                    Code.INVALID_ARGUMENT,
                    "device: VALUE (expected: a device of the host, or a directory with devices)"),
            new Words(
                    ADDRESS_IN_USE,
                    Code.FAILED_PRECONDITION,
                    "address: one that it is to have in a network is in use (expected: one that is free)"),
            new Words(ADDRESSES_USED, Code.RESOURCE_EXHAUSTED, "subnet: a network of it has no free address"),
            new Words(PORT_ELSEWHERE, Code.INVALID_ARGUMENT, "port: address VALUE (expected: one of the host's)"),
            new Words(
                    DIRECTORY,
                    Code.INVALID_ARGUMENT,
                    "workingDirectory: VALUE (expected: a directory in the container)"));

    private StartFailure() {}

    /** The typed failure, if what was asked for is to blame. */
    static Optional<ContainerRuntimeException> of(String message) {
        for (Words words : ALL) {
            Matcher matcher = words.pattern().matcher(message);
            if (matcher.find()) {
                return failure(words.code(), words.message(), firstGroup(matcher));
            }
        }
        Matcher command = COMMAND.matcher(message);
        if (command.find()) {
            String file = command.group(1) == null ? command.group(3) : command.group(1);
            String reason = command.group(2) == null ? command.group(4) : command.group(2);
            if (NOT_FOUND.matcher(reason).find()) {
                return failure(Code.COMMAND_NOT_FOUND, "command: VALUE (expected: a file in the container)", file);
            }
            if (NOT_EXECUTABLE.matcher(reason).find()) {
                return failure(Code.COMMAND_NOT_EXECUTABLE, "command: VALUE (expected: an executable file)", file);
            }
        }
        return Optional.empty();
    }

    private static String firstGroup(Matcher matcher) {
        for (int group = 1; group <= matcher.groupCount(); group++) {
            if (matcher.group(group) != null) {
                return matcher.group(group);
            }
        }
        return "";
    }

    private static Optional<ContainerRuntimeException> failure(Code code, String words, String value) {
        return Optional.of(new ContainerRuntimeException(code, words.replace("VALUE", value)));
    }
}
