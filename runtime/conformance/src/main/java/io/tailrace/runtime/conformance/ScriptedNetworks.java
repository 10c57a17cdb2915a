package io.tailrace.runtime.conformance;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment;
import io.tailrace.runtime.spi.Network;
import io.tailrace.runtime.spi.NetworkSpec;
import io.tailrace.runtime.spi.Networks;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The networks of the scripted machine: names and addresses, and nobody who speaks. Thread-safe. */
final class ScriptedNetworks implements Networks {
    private static final int ADDRESSES_MAX = 250;
    private static final int SUBNETS_MAX = 250;

    private final Clock clock;

    /** By name. */
    @GuardedBy("this") private final Map<String, Network> networks = new TreeMap<>();

    /** By container id, each with its address. */
    @GuardedBy("this") private final Map<String, List<NetworkAttachment>> attached = new TreeMap<>();

    @GuardedBy("this") private long made;

    ScriptedNetworks(Clock clock) {
        this.clock = clock;
    }

    @Override
    public synchronized Network create(NetworkSpec spec) {
        if (networks.containsKey(spec.name())) {
            throw new ContainerRuntimeException(
                    Code.ALREADY_EXISTS, "network name: %s (expected: one that is not taken)".formatted(spec.name()));
        }
        String subnet = spec.subnet().isEmpty() ? freeSubnet() : spec.subnet();
        if (isTaken(subnet)) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION, "subnet: %s (expected: one that is free)".formatted(subnet));
        }
        Network network = new Network(
                "%064x".formatted(++made),
                spec.name(),
                subnet,
                spec.gateway().isEmpty() ? host(subnet, 1) : spec.gateway(),
                spec.isInternal(),
                spec.labels(),
                clock.instant());
        networks.put(network.name(), network);
        return network;
    }

    @GuardedBy("this") private String freeSubnet() {
        for (int third = 0; third < SUBNETS_MAX; third++) {
            String candidate = "10.77.%d.0/24".formatted(third);
            if (!isTaken(candidate)) {
                return candidate;
            }
        }
        throw new ContainerRuntimeException(Code.RESOURCE_EXHAUSTED, "subnet: none is free");
    }

    @GuardedBy("this") private boolean isTaken(String subnet) {
        return networks.values().stream().anyMatch(network -> network.subnet().equals(subnet));
    }

    private static String host(String subnet, int last) {
        return subnet.substring(0, subnet.lastIndexOf('.') + 1) + last;
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

    @Override
    public synchronized void remove(String name) {
        get(name);
        attached.forEach((id, attachments) -> {
            if (attachments.stream().anyMatch(attachment -> attachment.network().equals(name))) {
                throw new ContainerRuntimeException(
                        Code.FAILED_PRECONDITION, "network %s: container %s is attached to it".formatted(name, id));
            }
        });
        networks.remove(name);
    }

    /** Gives a container its addresses. */
    synchronized void attach(String containerId, List<NetworkAttachment> wanted) {
        List<NetworkAttachment> given = new ArrayList<>();
        for (NetworkAttachment attachment : wanted) {
            Network network = get(attachment.network());
            given.add(new NetworkAttachment(attachment.network(), attachment.aliases(), address(network, attachment)));
        }
        if (!given.isEmpty()) {
            attached.put(containerId, given);
        }
    }

    @GuardedBy("this") private String address(Network network, NetworkAttachment attachment) {
        if (!attachment.address().isEmpty()) {
            if (isGiven(network, attachment.address())) {
                throw new ContainerRuntimeException(
                        Code.FAILED_PRECONDITION,
                        "address: %s (expected: one that is free)".formatted(attachment.address()));
            }
            return attachment.address();
        }
        for (int last = 2; last < ADDRESSES_MAX; last++) {
            if (!isGiven(network, host(network.subnet(), last))) {
                return host(network.subnet(), last);
            }
        }
        throw new ContainerRuntimeException(Code.RESOURCE_EXHAUSTED, "subnet: %s is full".formatted(network.subnet()));
    }

    @GuardedBy("this") private boolean isGiven(Network network, String address) {
        return network.gateway().equals(address)
                || attached.values().stream()
                        .flatMap(List::stream)
                        .anyMatch(other -> other.network().equals(network.name())
                                && other.address().equals(address));
    }

    synchronized List<NetworkAttachment> of(String containerId) {
        return Objects.requireNonNullElse(attached.get(containerId), List.of());
    }

    synchronized void rename(String containerId, List<NetworkAttachment> named) {
        List<NetworkAttachment> before = of(containerId);
        List<NetworkAttachment> after = new ArrayList<>();
        for (int i = 0; i < before.size(); i++) {
            NetworkAttachment old = before.get(i);
            after.add(new NetworkAttachment(old.network(), named.get(i).aliases(), old.address()));
        }
        if (!after.isEmpty()) {
            attached.put(containerId, after);
        }
    }

    synchronized void detach(String containerId) {
        attached.remove(containerId);
    }

    /** The address that a container finds under a name. @param isUp whether a container has a process that runs */
    synchronized Optional<String> resolve(String containerId, String name, Predicate<String> isUp) {
        List<String> own =
                of(containerId).stream().map(NetworkAttachment::network).toList();
        return attached.entrySet().stream()
                .filter(entry -> isUp.test(entry.getKey()))
                .flatMap(entry -> entry.getValue().stream())
                .filter(other ->
                        own.contains(other.network()) && other.aliases().contains(name))
                .map(NetworkAttachment::address)
                .findFirst();
    }
}
