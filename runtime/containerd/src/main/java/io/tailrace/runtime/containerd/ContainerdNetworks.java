package io.tailrace.runtime.containerd;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment;
import io.tailrace.runtime.spi.Network;
import io.tailrace.runtime.spi.NetworkSpec;
import io.tailrace.runtime.spi.Networks;
import io.tailrace.runtime.spi.Subnet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * User-defined networks: each a file under {@code networks/} in the data directory, named by its id, and a bridge that comes
 * up with its first container. What was cut short leaves a file whose name ends in {@code .next}, which nobody reads.
 *
 * <p>Thread-safe. Its lock is held while a network is removed, so that no container joins it then.
 */
final class ContainerdNetworks implements Networks {
    private static final int ID_BYTES = 32;
    private static final String SUFFIX = ".json";

    private final SecureRandom random = new SecureRandom();
    private final ObjectMapper json = new ObjectMapper();
    private final Path dataDirectory;
    private final BridgeNetwork bridges;
    private final NetworkNames names;

    /** By name. */
    @GuardedBy("this") private final Map<String, Network> networks = new TreeMap<>();

    /** A network as its file has it. */
    private record Stored(
            String id,
            String name,
            String subnet,
            String gateway,
            boolean isInternal,
            Map<String, String> labels,
            String createdAt) {
        static Stored of(Network network) {
            return new Stored(
                    network.id(),
                    network.name(),
                    network.subnet(),
                    network.gateway(),
                    network.isInternal(),
                    network.labels(),
                    network.createdAt().toString());
        }

        Network network() {
            return new Network(id, name, subnet, gateway, isInternal, labels, Instant.parse(createdAt));
        }
    }

    private ContainerdNetworks(Path dataDirectory, BridgeNetwork bridges) {
        this.dataDirectory = dataDirectory;
        this.bridges = bridges;
        names = new NetworkNames(bridges);
    }

    /** Reads those of an earlier server. */
    static ContainerdNetworks open(Path dataDirectory, BridgeNetwork bridges) {
        var opened = new ContainerdNetworks(dataDirectory, bridges);
        opened.load();
        return opened;
    }

    private synchronized void load() {
        Path directory = dataDirectory.resolve("networks");
        if (Files.isDirectory(directory)) {
            try (Stream<Path> entries = Files.list(directory)) {
                for (Path file : entries.filter(entry -> entry.toString().endsWith(SUFFIX))
                        .toList()) {
                    Network network =
                            json.readValue(file.toFile(), Stored.class).network();
                    networks.put(network.name(), network);
                }
            } catch (IOException failure) {
                throw Failures.of("read the networks in " + directory, failure);
            }
        }
        names.load(dataDirectory);
    }

    /** Who finds whom by name. */
    NetworkNames names() {
        return names;
    }

    @Override
    public synchronized Network create(NetworkSpec spec) {
        if (networks.containsKey(spec.name())) {
            throw new ContainerRuntimeException(
                    Code.ALREADY_EXISTS, "network name: %s (expected: one that is not taken)".formatted(spec.name()));
        }
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        String id = HexFormat.of().formatHex(bytes);
        try {
            Subnet subnet = subnet(spec, id);
            Network network = new Network(
                    id,
                    spec.name(),
                    subnet.toString(),
                    spec.gateway().isEmpty() ? subnet.firstAddress() : spec.gateway(),
                    spec.isInternal(),
                    spec.labels(),
                    Instant.now());
            store(network);
            networks.put(network.name(), network);
            return network;
        } catch (IOException failure) {
            throw Failures.of("create network " + spec.name(), failure);
        }
    }

    @GuardedBy("this") private Subnet subnet(NetworkSpec spec, String id) throws IOException {
        List<Subnet> taken = new ArrayList<>(HostRoutes.subnets());
        networks.values().forEach(network -> taken.add(Subnet.parse(network.subnet())));
        if (spec.subnet().isEmpty()) {
            return HostRoutes.forNetwork(taken, HexFormat.fromHexDigits(id, 0, 4))
                    .orElseThrow(() -> new ContainerRuntimeException(
                            Code.RESOURCE_EXHAUSTED, "subnet: none is free (expected: to be given one)"));
        }
        Subnet wanted = Subnet.parse(spec.subnet());
        Optional<Subnet> other = taken.stream().filter(wanted::overlaps).findFirst();
        if (other.isPresent()) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION,
                    "subnet: %s (expected: one that no network and no route of the host has; %s is taken)"
                            .formatted(wanted, other.get()));
        }
        return wanted;
    }

    private void store(Network network) throws IOException {
        Path file = file(network);
        Files.createDirectories(file.getParent());
        Path next = file.resolveSibling(network.id() + ".next");
        try {
            Files.write(next, json.writeValueAsBytes(Stored.of(network)));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            Files.deleteIfExists(next);
            throw failure;
        }
    }

    private Path file(Network network) {
        return dataDirectory.resolve("networks").resolve(network.id() + SUFFIX);
    }

    @Override
    public synchronized Network get(String name) {
        Network network = networks.get(name);
        if (network == null) {
            throw new ContainerRuntimeException(
                    Code.NOT_FOUND, "network: %s (expected: one that exists)".formatted(name));
        }
        return network;
    }

    @Override
    public synchronized List<Network> list() {
        return List.copyOf(networks.values());
    }

    /** Its file goes last, so that what could not be removed can be removed again. */
    @Override
    public synchronized void remove(String name) {
        Network network = get(name);
        try {
            for (String id : ContainerDirectory.ids(dataDirectory)) {
                List<Membership> memberships =
                        ContainerDirectory.of(dataDirectory, id).memberships();
                if (memberships.stream()
                        .anyMatch(membership -> membership.networkId().equals(network.id()))) {
                    throw new ContainerRuntimeException(
                            Code.FAILED_PRECONDITION,
                            "network %s: container %s is attached to it (expected: that removed first)"
                                    .formatted(name, id));
                }
            }
            bridges.remove(Bridge.of(network.id(), network.subnet(), network.gateway(), network.isInternal()));
            Files.deleteIfExists(file(network));
            networks.remove(name);
        } catch (IOException failure) {
            throw Failures.of("remove network " + name, failure);
        }
    }

    /** Notes for a container that is being made that it belongs to networks, which stay as long as it does. */
    synchronized void join(List<NetworkAttachment> attachments, ContainerDirectory directory) throws IOException {
        List<Membership> memberships = new ArrayList<>();
        for (NetworkAttachment attachment : attachments) {
            memberships.add(Membership.of(get(attachment.network()), attachment));
        }
        directory.writeMemberships(memberships);
    }

    /** Gives a container other names. */
    void rename(String containerId, ContainerDirectory directory, List<NetworkAttachment> attachments)
            throws IOException {
        List<Membership> before = directory.memberships();
        List<Membership> after = new ArrayList<>();
        for (Membership membership : before) {
            List<String> others = attachments.stream()
                    .filter(attachment -> attachment.network().equals(membership.network()))
                    .findFirst()
                    .map(NetworkAttachment::aliases)
                    .orElse(membership.names());
            after.add(membership.named(others));
        }
        if (!after.equals(before)) {
            directory.writeMemberships(after);
            names.change(containerId);
        }
    }
}
