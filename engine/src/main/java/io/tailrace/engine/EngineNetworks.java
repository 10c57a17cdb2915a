package io.tailrace.engine;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntime;
import io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment;
import io.tailrace.runtime.spi.Network;
import io.tailrace.runtime.spi.NetworkSpec;
import io.tailrace.runtime.spi.Networks;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The runtime's user-defined networks, and which of them containers are attached to. Thread-safe. */
public final class EngineNetworks {
    /** More than a machine has bridges for in practice; Docker's own choice of subnets ends at 31. */
    private static final int NETWORKS_MAX = 256;

    /** A shorter prefix of an id may be anything. */
    private static final int PREFIX_DIGITS_MIN = 4;

    private final ContainerRuntime runtime;
    private final NetworkUses uses;

    EngineNetworks(ContainerRuntime runtime, Registry registry, Problems problems) {
        this.runtime = runtime;
        uses = new NetworkUses(registry, problems);
    }

    /** Makes one. ALREADY_EXISTS for the name; FAILED_PRECONDITION if the subnet is taken. */
    public Network create(NetworkSpec spec) {
        NetworkChecks.network(spec);
        int count = RuntimeCalls.call(networks()::list).size();
        if (count >= NETWORKS_MAX) {
            throw new EngineException(
                    ErrorCode.RESOURCE_EXHAUSTED, "networks: %d (expected: at most %d)".formatted(count, NETWORKS_MAX));
        }
        return RuntimeCalls.call(() -> networks().create(spec));
    }

    /** The network that a name, an id, or an unambiguous prefix of an id stands for. NOT_FOUND; INVALID_ARGUMENT. */
    public Network get(String reference) {
        List<Network> all = RuntimeCalls.call(networks()::list);
        for (Network network : all) {
            if (network.name().equals(reference)) {
                return network;
            }
        }
        List<Network> matching = reference.length() < PREFIX_DIGITS_MIN
                ? List.of()
                : all.stream()
                        .filter(network -> network.id().startsWith(reference))
                        .toList();
        if (matching.size() > 1) {
            throw new EngineException(
                    ErrorCode.INVALID_ARGUMENT,
                    "network: %s (expected: a prefix of one id; %d have it)".formatted(reference, matching.size()));
        }
        if (matching.isEmpty()) {
            throw new EngineException(
                    ErrorCode.NOT_FOUND,
                    "network: %s (expected: the name or id of one that exists)".formatted(Checks.shown(reference)));
        }
        return matching.getFirst();
    }

    /** All that were made here, by name. @param labels that they are to have; an empty value matches any */
    public List<Network> list(Map<String, String> labels) {
        return RuntimeCalls.call(networks()::list).stream()
                .filter(network -> hasLabels(network, labels))
                .sorted(Comparator.comparing(Network::name))
                .toList();
    }

    /** Removes one. NOT_FOUND; FAILED_PRECONDITION while a container is to be attached to it, running or not. */
    public void remove(String reference) {
        String name = get(reference).name();
        uses.alone(name, () -> RuntimeCalls.run(() -> networks().remove(name)));
    }

    /**
     * Removes those that no container is to be attached to.
     *
     * @param until only those made before; null: all
     * @param labels that they are to have; an empty value matches any
     * @return their names
     */
    public List<String> prune(@Nullable Instant until, Map<String, String> labels) {
        uses.checkKnown();
        List<String> removed = new ArrayList<>();
        for (Network network : list(labels)) {
            if (until != null && !network.createdAt().isBefore(until)) {
                continue;
            }
            try {
                remove(network.id());
                removed.add(network.name());
            } catch (EngineException e) {
                // Somebody has it, or has removed it.
                if (e.code() != ErrorCode.FAILED_PRECONDITION && e.code() != ErrorCode.NOT_FOUND) {
                    throw e;
                }
            }
        }
        return removed;
    }

    /**
     * What a container that is asked for is to be attached to: each network by its name, with all names of the container.
     *
     * @throws EngineException NOT_FOUND, or INVALID_ARGUMENT for what does not go with the networks that there are
     */
    List<NetworkAttachment> resolve(NewContainer request, String name, String id) {
        if (request.networks().isEmpty()) {
            return List.of();
        }
        List<Network> found =
                request.networks().stream().map(wanted -> get(wanted.network())).toList();
        NetworkChecks.fits(request, found);
        List<NetworkAttachment> resolved = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            NetworkAttachment wanted = request.networks().get(i);
            resolved.add(new NetworkAttachment(
                    found.get(i).name(), ContainerNames.of(name, id, wanted.aliases()), wanted.address()));
        }
        return resolved;
    }

    /** Keeps networks from removal, and addresses from others, while a container is made that is to have them. */
    NetworkUses.Claim claim(String containerId, List<NetworkAttachment> attachments) {
        return uses.claim(containerId, attachments);
    }

    private Networks networks() {
        if (!runtime.info().capabilities().contains(Capability.NETWORKS)) {
            throw new EngineException(
                    ErrorCode.UNSUPPORTED,
                    "network: the runtime %s has none to be made by users (expected: bridge, host or none)"
                            .formatted(runtime.info().name()));
        }
        return runtime.networks();
    }

    private static boolean hasLabels(Network network, Map<String, String> wanted) {
        return wanted.entrySet().stream().allMatch(label -> {
            String value = network.labels().get(label.getKey());
            return value != null && (label.getValue().isEmpty() || value.equals(label.getValue()));
        });
    }
}
