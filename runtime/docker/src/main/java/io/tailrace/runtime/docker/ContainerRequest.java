package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment;
import io.tailrace.runtime.spi.ProcessSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Says in the engine's words what a container or an exec is to be. */
final class ContainerRequest {
    private static final int HOSTNAME_DIGITS = 12;

    private ContainerRequest() {}

    /** @param owner whose container it is: the data directory. @param hasLocalLog whether the engine has that driver. @param gateway of its bridge */
    static Map<String, Object> of(ContainerSpec spec, String owner, boolean hasLocalLog, String gateway) {
        ProcessSpec process = spec.process();
        Map<String, String> labels = new LinkedHashMap<>(spec.labels());
        labels.put(Labels.ID, spec.id());
        labels.put(Labels.DATA_DIRECTORY, owner);
        String addressed = spec.networks().stream()
                .filter(network -> !network.address().isEmpty())
                .map(NetworkAttachment::network)
                .collect(Collectors.joining(","));
        if (!addressed.isEmpty()) {
            labels.put(Labels.ADDRESSES, addressed);
        }
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("Image", spec.image());
        request.put("Entrypoint", process.arguments().subList(0, 1));
        request.put("Cmd", process.arguments().subList(1, process.arguments().size()));
        request.put("Env", process.environment());
        request.put("WorkingDir", process.workingDirectory());
        request.put("User", process.user());
        request.put("Tty", process.terminal() != null);
        request.put("OpenStdin", process.hasStdin());
        // Only so does its end reach the process; with a terminal there is none.
        request.put("StdinOnce", process.hasStdin() && process.terminal() == null);
        request.put("AttachStdout", true);
        request.put("AttachStderr", true);
        request.put("AttachStdin", process.hasStdin());
        if (spec.network() != ContainerSpec.NetworkMode.HOST) {
            request.put(
                    "Hostname", spec.hostname().isEmpty() ? spec.id().substring(0, HOSTNAME_DIGITS) : spec.hostname());
        }
        request.put("Healthcheck", Map.of("Test", List.of("NONE")));
        request.put("Labels", labels);
        if (!spec.ports().isEmpty()) {
            request.put("ExposedPorts", Ports.exposed(spec.ports()));
        }
        request.put("HostConfig", HostConfig.of(spec, hasLocalLog, gateway));
        if (!spec.networks().isEmpty()) {
            // Engines before version 25 take one here; it is attached to the others afterwards.
            NetworkAttachment first = spec.networks().getFirst();
            request.put(
                    "NetworkingConfig",
                    Map.of("EndpointsConfig", Map.of(first.network(), Attachments.endpoint(first))));
        }
        return request;
    }

    /** @param container the one it is added to. @throws io.tailrace.runtime.spi.ContainerRuntimeException UNSUPPORTED for rights of its own */
    static Map<String, Object> exec(ProcessSpec spec, ContainerView container) {
        ExecRights.check(spec, container.spec().path("HostConfig"));
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("AttachStdin", spec.hasStdin());
        request.put("AttachStdout", true);
        request.put("AttachStderr", spec.terminal() == null);
        request.put("Tty", spec.terminal() != null);
        request.put("Cmd", spec.arguments());
        request.put("Env", spec.environment());
        request.put("WorkingDir", spec.workingDirectory());
        request.put("User", spec.user());
        request.put("Privileged", spec.isPrivileged());
        return request;
    }
}
