package io.tailrace.runtime.containerd;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tailrace.runtime.spi.ContainerSpec.Port;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Connects containers to bridges: to the machine's one for all, {@code tailrace0}, or to those of the user-defined networks
 * that they belong to. A bridge comes up with its first container. The machine's stays; the others go with their networks.
 */
final class BridgeNetwork {
    private static final TypeReference<List<Port>> PORTS = new TypeReference<>() {};

    private final ObjectMapper json = new ObjectMapper();
    private final CniPlugins plugins;
    private final LinkPlugins links;
    private final PacketFilter filter = new PacketFilter();

    BridgeNetwork(CniPlugins plugins) {
        this.plugins = plugins;
        links = new LinkPlugins(plugins);
    }

    /** Whether ports can be published. */
    boolean canPublish() {
        return plugins.find("portmap").isPresent();
    }

    /** Whether the plugins and the packet filter that they drive are installed. */
    boolean isAvailable() {
        return List.of("bridge", "host-local", "static", "loopback").stream()
                        .allMatch(type -> plugins.find(type).isPresent())
                && PacketFilter.isAvailable();
    }

    /**
     * Where a container is on a bridge.
     *
     * @param gateway the host's address there
     */
    record Place(InetAddress address, InetAddress gateway) {}

    /** Makes a container's namespace and connects it to all its networks. Nothing is left behind on failure. */
    void attach(String containerId, ContainerDirectory directory) throws IOException {
        Path namespace = directory.networkNamespace();
        NetworkNamespace.create(namespace);
        try {
            links.addLoopback(containerId, namespace);
            for (Link link : Link.of(directory)) {
                links.add(link, containerId, namespace);
                filter.isolate(link.bridge());
            }
        } catch (IOException | RuntimeException failure) {
            detach(containerId, directory);
            throw failure;
        }
    }

    /** Gives the addresses back and removes the namespace. What is gone already is no error. */
    void detach(String containerId, ContainerDirectory directory) throws IOException {
        Path namespace = directory.networkNamespace();
        if (!Files.exists(namespace)) {
            return;
        }
        unpublish(containerId, directory);
        for (Link link : Link.of(directory).reversed()) {
            links.delete(link, containerId, namespace);
        }
        NetworkNamespace.remove(namespace);
    }

    /** Removes a bridge that no container is connected to, with all that was made for it. */
    void remove(Bridge bridge) throws IOException {
        filter.forget(bridge);
        bridge.remove();
    }

    /**
     * Has the packet filter lead ports of the host to a container. What it has done is undone by {@link #unpublish}, also
     * after a failure.
     */
    void publish(String containerId, ContainerDirectory directory, List<Port> ports) throws IOException {
        Files.write(directory.publishedPorts(), json.writeValueAsBytes(ports));
        Optional<Link> wayOut = wayOut(directory);
        if (wayOut.isPresent()) {
            links.publish(wayOut.get(), ports, containerId, directory.networkNamespace());
        }
    }

    /** Undoes {@link #publish}. What is undone already is no error. */
    void unpublish(String containerId, ContainerDirectory directory) throws IOException {
        List<Port> ports = published(directory);
        Optional<Link> wayOut = wayOut(directory);
        if (!ports.isEmpty() && wayOut.isPresent()) {
            links.unpublish(wayOut.get(), ports, containerId, directory.networkNamespace());
        }
        Files.deleteIfExists(directory.publishedPorts());
    }

    private static Optional<Link> wayOut(ContainerDirectory directory) throws IOException {
        return Link.of(directory).stream().filter(Link::isWayOut).findFirst();
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

    /** Where a container is in each of its networks, in their order; nowhere if it is on no bridge. */
    List<Place> places(ContainerDirectory directory) throws IOException {
        List<Place> places = new ArrayList<>();
        for (Link link : Link.of(directory)) {
            Optional<JsonNode> result = links.result(link);
            if (result.isPresent()) {
                places.add(place(result.get()));
            }
        }
        return places;
    }

    static Place place(JsonNode result) throws IOException {
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
