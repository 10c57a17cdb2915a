package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerSpec.Port;
import io.tailrace.runtime.spi.ContainerSpec.Port.Protocol;
import io.tailrace.runtime.spi.Endpoints;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Published ports in the engine's words. It takes them when a container starts and not before. */
final class Ports {
    /** Written out, so that the engine does not publish the port on IPv6 as well, where a free one may be another. */
    private static final String ALL_ADDRESSES = "0.0.0.0";

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
        List<Port> ports = new ArrayList<>();
        network.path("Ports").properties().forEach(inside -> {
            String[] name = inside.getKey().split("/", 2);
            for (JsonNode binding : inside.getValue()) {
                String address = binding.path("HostIp").asText();
                ports.add(new Port(
                        address.equals(ALL_ADDRESSES) ? "" : address,
                        binding.path("HostPort").asInt(),
                        Integer.parseInt(name[0]),
                        Protocol.valueOf(name[1].toUpperCase(Locale.ROOT))));
            }
        });
        return new Endpoints(Attachments.address(container), ports, Attachments.of(container));
    }
}
