package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.Port;
import io.tailrace.runtime.spi.ContainerSpec.Port.Protocol;
import io.tailrace.runtime.spi.Endpoints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Published ports in the engine's words. It takes them when a container starts and not before. */
final class Ports {
    /** Written out, so that the engine does not publish the port on IPv6 as well, where a free one may be another. */
    private static final String ALL_ADDRESSES = "0.0.0.0";

    private static final Pattern IN_USE = Pattern.compile(
            "Bind for \\S+:(\\d+) failed: port is already allocated|listen \\w+ \\S+:(\\d+): bind: address already in use");

    private Ports() {}

    /** Those inside. */
    static Map<String, Object> exposed(List<Port> ports) {
        Map<String, Object> exposed = new LinkedHashMap<>();
        ports.forEach(port -> exposed.put(name(port), Map.of()));
        return exposed;
    }

    /** Where each is to be on the host. */
    static Map<String, Object> bindings(List<Port> ports) {
        Map<String, List<Object>> bindings = new LinkedHashMap<>();
        for (Port port : ports) {
            String address = port.hostAddress().isEmpty() ? ALL_ADDRESSES : port.hostAddress();
            bindings.computeIfAbsent(name(port), absent -> new ArrayList<>())
                    .add(Map.of("HostIp", address, "HostPort", String.valueOf(port.hostPort())));
        }
        return new LinkedHashMap<>(bindings);
    }

    private static String name(Port port) {
        return port.port() + "/" + port.protocol().name().toLowerCase(Locale.ROOT);
    }

    /** Where a container that runs can be reached. */
    static Endpoints endpoints(ContainerView container) {
        JsonNode network = container.spec().path("NetworkSettings");
        return new Endpoints(Attachments.address(container), ports(network.path("Ports")), Attachments.of(container));
    }

    /** @param bindings those of each port inside, by its name */
    private static List<Port> ports(JsonNode bindings) {
        List<Port> ports = new ArrayList<>();
        bindings.properties().forEach(inside -> {
            String[] name = inside.getKey().split("/", 2);
            String protocol = name.length < 2 ? Protocol.TCP.name() : name[1].toUpperCase(Locale.ROOT);
            if (Arrays.stream(Protocol.values()).noneMatch(known -> known.name().equals(protocol))) {
                return; // SCTP, of a container that others made
            }
            for (JsonNode binding : inside.getValue()) {
                String address = binding.path("HostIp").asText();
                ports.add(new Port(
                        address.equals(ALL_ADDRESSES) ? "" : address,
                        binding.path("HostPort").asInt(),
                        Integer.parseInt(name[0]),
                        Protocol.valueOf(protocol)));
            }
        });
        return ports;
    }

    /** Where a container's ports are to be, for {@link #inUse}. */
    static JsonNode bindings(ContainerView container) {
        return container.spec().path("HostConfig").path("PortBindings");
    }

    /** The typed failure, if the engine says that a host's port is in use that a container is to have. */
    static Optional<ContainerRuntimeException> inUse(JsonNode bindings, String message) {
        Matcher matcher = IN_USE.matcher(message);
        if (!matcher.find()) {
            return Optional.empty();
        }
        String taken = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        String named = "port";
        for (Port port : ports(bindings)) {
            if (taken.equals(Integer.toString(port.hostPort()))) {
                named = "port " + port;
            }
        }
        return Optional.of(new ContainerRuntimeException(
                Code.FAILED_PRECONDITION, "%s: host port %s is in use (expected: a free one)".formatted(named, taken)));
    }
}
