package io.tailrace.runtime.containerd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.Port;
import io.tailrace.runtime.spi.Subnet;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes and undoes one interface of a container by CNI plugins: an address from host-local, bridge with masquerading, and
 * firewall where there is one; portmap for its published ports.
 */
final class LinkPlugins {
    private static final Logger LOGGER = LoggerFactory.getLogger(LinkPlugins.class);
    private static final int DELETE_ATTEMPTS_MAX = 5;
    private static final long DELETE_PAUSE_MILLIS = 100;

    private final ObjectMapper json = new ObjectMapper();
    private final CniPlugins plugins;

    LinkPlugins(CniPlugins plugins) {
        this.plugins = plugins;
    }

    /** Gives a namespace its loopback interface. */
    void addLoopback(String containerId, Path namespace) throws IOException {
        plugins.run("ADD", configuration(Bridge.DEFAULT, "loopback"), containerId, namespace, "lo");
    }

    /** Makes the interface. What was made of it before a failure, {@link #delete} undoes. */
    void add(Link link, String containerId, Path namespace) throws IOException {
        checkRoutes(link.bridge());
        JsonNode reserved = reserve(link, containerId, namespace);
        ObjectNode bridge = bridge(
                link,
                reserved.path("ips").path(0),
                BridgeNetwork.place(reserved).address());
        JsonNode result = json.missingNode();
        for (ObjectNode configuration : chain(link.bridge(), bridge)) {
            if (result.isObject()) {
                configuration.set("prevResult", result);
            }
            result = plugins.run("ADD", configuration, containerId, namespace, link.device());
            Files.write(link.result(), json.writeValueAsBytes(result));
        }
    }

    /** A bridge that comes up must not take the way to others. */
    private static void checkRoutes(Bridge bridge) throws IOException {
        if (bridge.isDefault() || bridge.isUp()) {
            return;
        }
        Optional<Subnet> taken = HostRoutes.subnets().stream()
                .filter(Subnet.parse(bridge.subnet())::overlaps)
                .findFirst();
        if (taken.isPresent()) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION,
                    "subnet: %s (expected: one that no route leads to; there is one to %s)"
                            .formatted(bridge.subnet(), taken.get()));
        }
    }

    private JsonNode reserve(Link link, String containerId, Path namespace) throws IOException {
        try {
            return plugins.run("ADD", addresses(link.bridge(), link.address()), containerId, namespace, link.device());
        } catch (ContainerRuntimeException failure) {
            String reason = String.valueOf(failure.getMessage());
            if (!link.address().isEmpty() && reason.contains("requested IP address")) {
                throw new ContainerRuntimeException(
                        Code.FAILED_PRECONDITION,
                        "address: %s (expected: one that is free in %s)"
                                .formatted(link.address(), link.bridge().subnet()),
                        failure);
            }
            if (reason.contains("no IP addresses available")) {
                throw new ContainerRuntimeException(
                        Code.RESOURCE_EXHAUSTED,
                        "subnet: %s has no free address".formatted(link.bridge().subnet()),
                        failure);
            }
            throw failure;
        }
    }

    /** Undoes the interface and gives the address back. What is gone already is no error. */
    void delete(Link link, String containerId, Path namespace) throws IOException {
        Optional<JsonNode> result = result(link);
        for (ObjectNode configuration : chain(link.bridge(), bridge(link)).reversed()) {
            result.ifPresent(known -> configuration.set("prevResult", known));
            delete(configuration, link, containerId, namespace);
        }
        delete(addresses(link.bridge(), ""), link, containerId, namespace);
        Files.deleteIfExists(link.result());
    }

    void publish(Link link, List<Port> ports, String containerId, Path namespace) throws IOException {
        plugins.run("ADD", portMap(link, ports), containerId, namespace, link.device());
    }

    void unpublish(Link link, List<Port> ports, String containerId, Path namespace) throws IOException {
        delete(portMap(link, ports), link, containerId, namespace);
    }

    /** What the plugins made, if they did. */
    Optional<JsonNode> result(Link link) throws IOException {
        return Files.exists(link.result())
                ? Optional.of(json.readTree(Files.readAllBytes(link.result())))
                : Optional.empty();
    }

    private ObjectNode portMap(Link link, List<Port> ports) throws IOException {
        ObjectNode configuration = configuration(link.bridge(), "portmap");
        // The host reaches its own published ports too, by loopback.
        configuration.put("snat", true);
        configuration.putObject("capabilities").put("portMappings", true);
        ArrayNode mappings = configuration.putObject("runtimeConfig").putArray("portMappings");
        for (Port port : ports) {
            mappings.addObject()
                    .put("hostIP", port.hostAddress())
                    .put("hostPort", port.hostPort())
                    .put("containerPort", port.port())
                    .put("protocol", port.protocol().name().toLowerCase(Locale.ROOT));
        }
        result(link).ifPresent(known -> configuration.set("prevResult", known));
        return configuration;
    }

    /** The packet filter is shared with others, and busy while they change it. */
    private void delete(ObjectNode configuration, Link link, String containerId, Path namespace) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                plugins.run("DEL", configuration, containerId, namespace, link.device());
                return;
            } catch (ContainerRuntimeException failure) {
                if (attempt == DELETE_ATTEMPTS_MAX || Thread.currentThread().isInterrupted()) {
                    LOGGER.warn("container {}: {}", containerId, failure.getMessage());
                    return;
                }
            }
            try {
                Thread.sleep(DELETE_PAUSE_MILLIS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private List<ObjectNode> chain(Bridge of, ObjectNode bridge) {
        return plugins.find("firewall").isPresent() ? List.of(bridge, configuration(of, "firewall")) : List.of(bridge);
    }

    private ObjectNode bridge(Link link) {
        ObjectNode bridge = configuration(link.bridge(), "bridge");
        bridge.put("bridge", link.bridge().device());
        bridge.put("isGateway", true);
        bridge.put("isDefaultGateway", link.isWayOut());
        bridge.put("ipMasq", !link.bridge().isInternal());
        bridge.put("hairpinMode", true);
        bridge.putObject("ipam").put("type", "static");
        return bridge;
    }

    /**
     * The link-layer address follows from the address, so that whoever talked to an earlier container at that address finds
     * this one at once. Under a random one, Linux asks the absent one for nine seconds first (arp(7): delay_first_probe_time,
     * then ucast_solicit times).
     *
     * @param reserved one of {@code ips} in a CNI result
     */
    private ObjectNode bridge(Link link, JsonNode reserved, InetAddress address) {
        ObjectNode bridge = bridge(link);
        bridge.withObject("ipam")
                .putArray("addresses")
                .addObject()
                .put("address", reserved.path("address").asText())
                .put("gateway", reserved.path("gateway").asText());
        bridge.putObject("capabilities").put("mac", true);
        bridge.putObject("runtimeConfig").put("mac", linkAddress(address));
        return bridge;
    }

    /** A locally administered unicast address (IEEE 802, 8.4), unique on a network of IPv4 addresses. */
    static String linkAddress(InetAddress address) {
        return "02:54:" + HexFormat.ofDelimiter(":").formatHex(address.getAddress());
    }

    private ObjectNode addresses(Bridge bridge, String wanted) throws IOException {
        ObjectNode addresses = configuration(bridge, "host-local");
        ObjectNode ipam = addresses
                .putObject("ipam")
                .put("type", "host-local")
                .put(
                        "subnet",
                        bridge.subnet().isEmpty()
                                ? HostRoutes.forDefaultBridge().toString()
                                : bridge.subnet())
                .put("dataDir", Bridge.addressesDirectory().toString());
        if (!bridge.gateway().isEmpty()) {
            ipam.put("gateway", bridge.gateway());
        }
        if (!wanted.isEmpty()) {
            addresses.putObject("args").putObject("cni").putArray("ips").add(wanted);
        }
        return addresses;
    }

    private ObjectNode configuration(Bridge bridge, String type) {
        return json.createObjectNode()
                .put("cniVersion", "0.4.0")
                .put("name", bridge.name())
                .put("type", type);
    }
}
