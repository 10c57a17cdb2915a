package io.tailrace.runtime.containerd;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerSpec.Port;
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
 * The machine's one bridge for containers, {@code tailrace0}, made by CNI plugins: loopback, bridge with host-local
 * addresses and masquerading, and firewall where there is one. The bridge stays when its last container leaves.
 */
final class BridgeNetwork {
    private static final Logger LOGGER = LoggerFactory.getLogger(BridgeNetwork.class);
    private static final String INTERFACE = "eth0";
    private static final int DELETE_ATTEMPTS_MAX = 5;
    private static final long DELETE_PAUSE_MILLIS = 100;
    /** Addresses are given out here and forgotten with the bridge, when the machine stops. */
    private static final String ADDRESSES_DIRECTORY = "/run/tailrace/addresses";

    private static final TypeReference<List<Port>> PORTS = new TypeReference<>() {};
    private static final List<Path> PROGRAMS = List.of(Path.of("/usr/sbin"), Path.of("/sbin"), Path.of("/usr/bin"));

    private final ObjectMapper json = new ObjectMapper();
    private final CniPlugins plugins;

    BridgeNetwork(CniPlugins plugins) {
        this.plugins = plugins;
    }

    /** Whether ports can be published. */
    boolean canPublish() {
        return plugins.find("portmap").isPresent();
    }

    /** Whether the plugins and the packet filter that they drive are installed. */
    boolean isAvailable() {
        return List.of("bridge", "host-local", "static", "loopback").stream()
                        .allMatch(type -> plugins.find(type).isPresent())
                && PROGRAMS.stream().anyMatch(directory -> Files.isExecutable(directory.resolve("iptables")));
    }

    /**
     * Where a container is on the bridge.
     *
     * @param gateway the host's address there
     */
    record Place(InetAddress address, InetAddress gateway) {}

    /** Makes a container's namespace and connects it. Nothing is left behind on failure. */
    Place attach(String containerId, ContainerDirectory directory) throws IOException {
        Path namespace = directory.networkNamespace();
        NetworkNamespace.create(namespace);
        try {
            plugins.run("ADD", loopback(), containerId, namespace, "lo");
            JsonNode reserved = plugins.run("ADD", addresses(), containerId, namespace, INTERFACE);
            ObjectNode bridge =
                    bridge(reserved.path("ips").path(0), place(reserved).address());
            JsonNode result = json.missingNode();
            for (ObjectNode configuration : chain(bridge)) {
                if (result.isObject()) {
                    configuration.set("prevResult", result);
                }
                result = plugins.run("ADD", configuration, containerId, namespace, INTERFACE);
                Files.write(directory.networkResult(), json.writeValueAsBytes(result));
            }
            return place(result);
        } catch (IOException | RuntimeException failure) {
            detach(containerId, directory);
            throw failure;
        }
    }

    /** Gives the address back and removes the namespace. What is gone already is no error. */
    void detach(String containerId, ContainerDirectory directory) throws IOException {
        Path namespace = directory.networkNamespace();
        if (!Files.exists(namespace)) {
            return;
        }
        unpublish(containerId, directory);
        Optional<JsonNode> result = result(directory);
        for (ObjectNode configuration : chain(bridge()).reversed()) {
            result.ifPresent(known -> configuration.set("prevResult", known));
            delete(configuration, containerId, namespace);
        }
        delete(addresses(), containerId, namespace);
        NetworkNamespace.remove(namespace);
        Files.deleteIfExists(directory.networkResult());
    }

    /**
     * Has the packet filter lead ports of the host to a container. What it has done is undone by {@link #unpublish}, also
     * after a failure.
     */
    void publish(String containerId, ContainerDirectory directory, List<Port> ports) throws IOException {
        Files.write(directory.publishedPorts(), json.writeValueAsBytes(ports));
        plugins.run("ADD", portMap(directory, ports), containerId, directory.networkNamespace(), INTERFACE);
    }

    /** Undoes {@link #publish}. What is undone already is no error. */
    void unpublish(String containerId, ContainerDirectory directory) throws IOException {
        List<Port> ports = published(directory);
        if (!ports.isEmpty()) {
            delete(portMap(directory, ports), containerId, directory.networkNamespace());
        }
        Files.deleteIfExists(directory.publishedPorts());
    }

    /** Keeps the ports that a container is to publish whenever it runs. */
    void want(ContainerDirectory directory, List<Port> ports) throws IOException {
        if (!ports.isEmpty()) {
            Files.write(directory.wantedPorts(), json.writeValueAsBytes(ports));
        }
    }

    /** The ports that are published. A file that was cut off is of a server that was killed before it published any. */
    List<Port> published(ContainerDirectory directory) throws IOException {
        try {
            return ports(directory.publishedPorts());
        } catch (JsonProcessingException cutOff) {
            return List.of();
        }
    }

    /** The ports that a container is to publish. */
    List<Port> wanted(ContainerDirectory directory) throws IOException {
        return ports(directory.wantedPorts());
    }

    private List<Port> ports(Path file) throws IOException {
        return Files.exists(file) ? json.readValue(file.toFile(), PORTS) : List.of();
    }

    /** Where a container is, if it is on the bridge. */
    Optional<Place> place(ContainerDirectory directory) throws IOException {
        Optional<JsonNode> result = result(directory);
        return result.isEmpty() ? Optional.empty() : Optional.of(place(result.get()));
    }

    private Optional<JsonNode> result(ContainerDirectory directory) throws IOException {
        return Files.exists(directory.networkResult())
                ? Optional.of(json.readTree(Files.readAllBytes(directory.networkResult())))
                : Optional.empty();
    }

    private ObjectNode portMap(ContainerDirectory directory, List<Port> ports) throws IOException {
        ObjectNode configuration = configuration("portmap");
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
        result(directory).ifPresent(known -> configuration.set("prevResult", known));
        return configuration;
    }

    /** The packet filter is shared with others, and busy while they change it. */
    private void delete(ObjectNode configuration, String containerId, Path namespace) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                plugins.run("DEL", configuration, containerId, namespace, INTERFACE);
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

    private List<ObjectNode> chain(ObjectNode bridge) {
        return plugins.find("firewall").isPresent() ? List.of(bridge, configuration("firewall")) : List.of(bridge);
    }

    private ObjectNode bridge() {
        ObjectNode bridge = configuration("bridge");
        bridge.put("bridge", Subnet.BRIDGE);
        bridge.put("isGateway", true);
        bridge.put("isDefaultGateway", true);
        bridge.put("ipMasq", true);
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
    private ObjectNode bridge(JsonNode reserved, InetAddress address) {
        ObjectNode bridge = bridge();
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

    private ObjectNode addresses() throws IOException {
        ObjectNode addresses = configuration("host-local");
        addresses
                .putObject("ipam")
                .put("type", "host-local")
                .put("subnet", Subnet.choose().toString())
                .put("dataDir", ADDRESSES_DIRECTORY);
        return addresses;
    }

    private ObjectNode loopback() {
        return configuration("loopback");
    }

    private ObjectNode configuration(String type) {
        return json.createObjectNode()
                .put("cniVersion", "0.4.0")
                .put("name", "tailrace")
                .put("type", type);
    }

    private static Place place(JsonNode result) throws IOException {
        JsonNode given = result.path("ips").path(0);
        String withPrefix = given.path("address").asText();
        int slash = withPrefix.indexOf('/');
        if (slash < 0 || !given.hasNonNull("gateway")) {
            throw new IOException("CNI result: no address with a gateway in " + result);
        }
        return new Place(
                InetAddress.ofLiteral(withPrefix.substring(0, slash)),
                InetAddress.ofLiteral(given.path("gateway").asText()));
    }
}
