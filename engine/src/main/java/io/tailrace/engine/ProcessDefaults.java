package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment;
import io.tailrace.runtime.spi.Image;
import io.tailrace.runtime.spi.ProcessSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Merges what a request leaves open with what the image says, by Docker's rules. */
final class ProcessDefaults {
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final String TERM = "xterm";
    private static final int HOSTNAME_DIGITS = 12;

    private ProcessDefaults() {}

    /**
     * What the runtime is told.
     *
     * @param networks the request's, each by its name and with all names of the container
     * @param hasVolumes whether the runtime has any, for the image's
     */
    static ContainerSpec container(
            NewContainer request, String id, Image image, List<NetworkAttachment> networks, boolean hasVolumes) {
        String hostname = request.hostname().isEmpty() ? id.substring(0, HOSTNAME_DIGITS) : request.hostname();
        ProcessSpec process = new ProcessSpec(
                arguments(request, image.config()),
                environment(request, image.config(), hostname),
                firstOf(request.workingDirectory(), image.config().workingDirectory(), "/"),
                firstOf(request.user(), image.config().user(), ""),
                request.groups(),
                request.hasStdin(),
                request.terminal(),
                request.isPrivileged(),
                request.addedCapabilities(),
                request.droppedCapabilities(),
                request.isNoNewPrivileges(),
                request.ulimits());
        return new ContainerSpec(
                id,
                image.id(),
                process,
                hostname,
                request.network(),
                request.hosts(),
                request.dns(),
                request.ports(),
                VolumeMounts.of(request.mounts(), hasVolumes ? image.config().volumes() : List.of()),
                request.isReadOnlyRoot(),
                request.hasInit(),
                request.limits(),
                request.devices(),
                request.labels(),
                networks);
    }

    private static List<String> arguments(NewContainer request, Image.Config image) {
        List<String> entrypoint = request.entrypoint();
        boolean isReplaced = entrypoint != null;
        // One empty word is how Docker's clients say "none".
        List<String> first =
                entrypoint == null ? image.entrypoint() : entrypoint.equals(List.of("")) ? List.of() : entrypoint;
        List<String> then = !request.command().isEmpty() || isReplaced ? request.command() : image.command();
        List<String> arguments = new ArrayList<>(first);
        arguments.addAll(then);
        if (arguments.isEmpty()) {
            throw new EngineException(
                    ErrorCode.INVALID_ARGUMENT,
                    "command: empty (expected: at least one argument, because the image names none)");
        }
        return arguments;
    }

    private static List<String> environment(NewContainer request, Image.Config image, String hostname) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PATH", PATH);
        variables.put("HOSTNAME", hostname);
        if (request.terminal() != null) {
            variables.put("TERM", TERM);
        }
        put(variables, image.environment());
        variables.putAll(request.environment());
        return entries(variables);
    }

    static ProcessSpec exec(NewExec request, ProcessSpec init) {
        Map<String, String> variables = new LinkedHashMap<>();
        if (request.terminal() != null) {
            variables.put("TERM", TERM);
        }
        put(variables, init.environment());
        variables.putAll(request.environment());
        return new ProcessSpec(
                request.command(),
                entries(variables),
                firstOf(request.workingDirectory(), init.workingDirectory(), "/"),
                firstOf(request.user(), init.user(), ""),
                init.groups(),
                request.hasStdin(),
                request.terminal(),
                request.isPrivileged() || init.isPrivileged(),
                init.addedCapabilities(),
                init.droppedCapabilities(),
                init.isNoNewPrivileges(),
                init.ulimits());
    }

    private static void put(Map<String, String> variables, List<String> entries) {
        for (String entry : entries) {
            int equals = entry.indexOf('=');
            variables.put(
                    equals < 0 ? entry : entry.substring(0, equals), equals < 0 ? "" : entry.substring(equals + 1));
        }
    }

    private static List<String> entries(Map<String, String> variables) {
        return variables.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .toList();
    }

    private static String firstOf(String wanted, String otherwise, String last) {
        return !wanted.isEmpty() ? wanted : !otherwise.isEmpty() ? otherwise : last;
    }
}
