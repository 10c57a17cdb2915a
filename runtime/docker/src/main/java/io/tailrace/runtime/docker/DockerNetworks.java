package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.Network;
import io.tailrace.runtime.spi.NetworkSpec;
import io.tailrace.runtime.spi.Networks;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** User-defined networks, as the engine has them; those of this server bear the label of its data directory. Thread-safe. */
final class DockerNetworks implements Networks {
    /** How often a subnet is chosen anew that somebody else took in between. */
    private static final int CHOICES_MAX = 3;

    private static final int FORBIDDEN = 403;

    private final EngineClient client;
    private final String owner;

    /** @param owner whose they are: the data directory */
    DockerNetworks(EngineClient client, String owner) {
        this.client = client;
        this.owner = owner;
    }

    /**
     * Without a subnet the engine chooses one, but then refuses addresses that are asked for: the network is made once more
     * with the subnet that it chose.
     */
    @Override
    public Network create(NetworkSpec spec) {
        if (!spec.subnet().isEmpty()) {
            return make(spec);
        }
        for (int choice = 1; ; choice++) {
            Network chosen = make(spec);
            delete(chosen.name());
            try {
                return make(new NetworkSpec(
                        spec.name(), chosen.subnet(), chosen.gateway(), spec.isInternal(), spec.labels()));
            } catch (ContainerRuntimeException e) {
                if (e.code() != Code.FAILED_PRECONDITION || choice == CHOICES_MAX) {
                    throw e;
                }
            }
        }
    }

    private Network make(NetworkSpec spec) {
        Map<String, String> labels = new HashMap<>(spec.labels());
        labels.put(Labels.DATA_DIRECTORY, owner);
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("Name", spec.name());
        request.put("CheckDuplicate", true);
        request.put("Driver", "bridge");
        request.put("Internal", spec.isInternal());
        request.put("Labels", labels);
        if (!spec.subnet().isEmpty()) {
            Map<String, String> range = new LinkedHashMap<>(Map.of("Subnet", spec.subnet()));
            if (!spec.gateway().isEmpty()) {
                range.put("Gateway", spec.gateway());
            }
            request.put("IPAM", Map.of("Driver", "default", "Config", List.of(range)));
        }
        Answer answer = client.post("/networks/create", request, EngineClient.LONG);
        if (!answer.isDone()) {
            throw failure(spec, answer);
        }
        return get(answer.json("create network " + spec.name()).path("Id").asText());
    }

    private static ContainerRuntimeException failure(NetworkSpec spec, Answer answer) {
        String words = answer.message().toLowerCase(Locale.ROOT);
        if (answer.status() == Answer.CONFLICT || words.contains("already exists")) {
            return new ContainerRuntimeException(
                    Code.ALREADY_EXISTS,
                    "network name: %s (expected: one that is not taken in the engine)".formatted(spec.name()));
        }
        if (words.contains("overlaps") || words.contains("conflicts with network")) {
            return new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION,
                    "subnet: %s (expected: one that is free): %s".formatted(spec.subnet(), answer.message()));
        }
        if (words.contains("could not find an available") || words.contains("fully subnetted")) {
            return new ContainerRuntimeException(
                    Code.RESOURCE_EXHAUSTED, "subnet: none is free: %s".formatted(answer.message()));
        }
        return answer.failure("create network " + spec.name());
    }

    @Override
    public Network get(String name) {
        Answer answer = client.get("/networks/" + EngineClient.encoded(name));
        if (answer.status() == Answer.NOT_FOUND) {
            throw absent(name);
        }
        JsonNode found = answer.json("look up network " + name);
        Network network = network(found);
        // The engine takes the beginning of an id, too.
        boolean isIt = network.name().equals(name) || network.id().equals(name);
        if (!isIt || !found.path("Labels").path(Labels.DATA_DIRECTORY).asText().equals(owner)) {
            throw absent(name);
        }
        return network;
    }

    private static ContainerRuntimeException absent(String name) {
        return new ContainerRuntimeException(Code.NOT_FOUND, "network: %s (expected: one that exists)".formatted(name));
    }

    @Override
    public List<Network> list() {
        String filters = Json.text(Map.of("label", List.of(Labels.DATA_DIRECTORY + "=" + owner)));
        List<Network> networks = new ArrayList<>();
        client.get("/networks?filters=" + EngineClient.encoded(filters))
                .json("list networks")
                .forEach(found -> networks.add(network(found)));
        return networks;
    }

    @Override
    public void remove(String name) {
        delete(get(name).id());
    }

    private void delete(String reference) {
        Answer answer = client.delete("/networks/" + EngineClient.encoded(reference));
        if (answer.status() == FORBIDDEN || answer.status() == Answer.CONFLICT) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION, "remove network %s: %s".formatted(reference, answer.message()));
        }
        if (!answer.isDone()) {
            throw answer.failure("remove network " + reference);
        }
    }

    private static Network network(JsonNode found) {
        JsonNode range = found.path("IPAM").path("Config").path(0);
        Map<String, String> labels = new HashMap<>();
        found.path("Labels").properties().forEach(label -> {
            if (!label.getKey().equals(Labels.DATA_DIRECTORY)) {
                labels.put(label.getKey(), label.getValue().asText());
            }
        });
        return new Network(
                found.path("Id").asText(),
                found.path("Name").asText(),
                range.path("Subnet").asText(),
                // Some versions write the prefix behind it where they chose it themselves.
                range.path("Gateway").asText().split("/", 2)[0],
                found.path("Internal").asBoolean(),
                labels,
                ContainerView.instant(found.path("Created").asText()));
    }
}
