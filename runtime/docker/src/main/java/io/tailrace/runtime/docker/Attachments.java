package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A container's place in user-defined networks, in the engine's words. */
final class Attachments {
    private static final int SHORT_ID_DIGITS = 12;

    private Attachments() {}

    /** How the container is to be found in a network. */
    static Map<String, Object> endpoint(NetworkAttachment attachment) {
        Map<String, Object> endpoint = new LinkedHashMap<>();
        endpoint.put("Aliases", attachment.aliases());
        if (!attachment.address().isEmpty()) {
            endpoint.put("IPAMConfig", Map.of("IPv4Address", attachment.address()));
        }
        return endpoint;
    }

    /** Attaches a container to a network. @param container as the engine's API names it */
    static void connect(EngineClient client, String container, NetworkAttachment attachment) {
        Map<String, Object> request = Map.of("Container", container, "EndpointConfig", endpoint(attachment));
        Answer answer = client.post(path(attachment, "connect"), request, EngineClient.LONG);
        if (!answer.isDone()) {
            throw StartFailure.of(answer.message())
                    .orElseGet(
                            () -> answer.failure("attach %s to network %s".formatted(container, attachment.network())));
        }
    }

    private static void disconnect(EngineClient client, String container, NetworkAttachment attachment) {
        Answer answer = client.post(path(attachment, "disconnect"), Map.of("Container", container), EngineClient.LONG);
        if (!answer.isDone()) {
            throw answer.failure("detach %s from network %s".formatted(container, attachment.network()));
        }
    }

    private static String path(NetworkAttachment attachment, String action) {
        return "/networks/%s/%s".formatted(EngineClient.encoded(attachment.network()), action);
    }

    /**
     * Gives a container other names. The engine knows no other way than to attach it anew: where it runs, at the address that
     * it has, which {@link #release} lets go again.
     *
     * @param view of the container now
     */
    static void rename(EngineClient client, Place place, ContainerView view, List<NetworkAttachment> attachments) {
        Map<String, NetworkAttachment> present = new LinkedHashMap<>();
        of(view).forEach(attachment -> present.put(attachment.network(), attachment));
        for (NetworkAttachment attachment : attachments) {
            NetworkAttachment now = present.get(attachment.network());
            if (now == null) {
                throw new ContainerRuntimeException(
                        Code.FAILED_PRECONDITION,
                        "%s is not in network %s (expected: attached as it was made)"
                                .formatted(place, attachment.network()));
            }
            if (!Set.copyOf(now.aliases()).equals(Set.copyOf(attachment.aliases()))) {
                String address = attachment.address().isEmpty() ? now.address() : attachment.address();
                disconnect(client, place.name(), attachment);
                connect(
                        client,
                        place.name(),
                        new NetworkAttachment(attachment.network(), attachment.aliases(), address));
            }
        }
    }

    /** Lets a container that does not run have any address again where it was not made with one. */
    static void release(EngineClient client, Place place, ContainerView view) {
        List<String> asked = List.of(view.spec()
                .path("Config")
                .path("Labels")
                .path(Labels.ADDRESSES)
                .asText("")
                .split(","));
        for (NetworkAttachment now : of(view)) {
            String kept = networks(view.spec())
                    .path(now.network())
                    .path("IPAMConfig")
                    .path("IPv4Address")
                    .asText("");
            if (!kept.isEmpty() && !asked.contains(now.network())) {
                disconnect(client, place.name(), now);
                connect(client, place.name(), new NetworkAttachment(now.network(), now.aliases(), ""));
            }
        }
    }

    /** Where a container is in each of its user-defined networks; no address where it does not run. */
    static List<NetworkAttachment> of(ContainerView view) {
        List<NetworkAttachment> attachments = new ArrayList<>();
        if (isUserDefined(view.spec())) {
            networks(view.spec()).properties().forEach(network -> {
                List<String> names =
                        new ArrayList<>(Json.texts(network.getValue().path("Aliases")));
                // The engine adds the beginning of its own id to them.
                names.removeIf(
                        name -> name.length() == SHORT_ID_DIGITS && view.id().startsWith(name));
                attachments.add(new NetworkAttachment(
                        network.getKey(),
                        names,
                        network.getValue().path("IPAddress").asText("")));
            });
        }
        return attachments;
    }

    /** The container's address in the network that it was made with; empty if it has none. */
    static String address(ContainerView view) {
        JsonNode settings = view.spec().path("NetworkSettings");
        return isUserDefined(view.spec())
                ? networks(view.spec())
                        .path(view.spec().path("HostConfig").path("NetworkMode").asText())
                        .path("IPAddress")
                        .asText("")
                : settings.path("IPAddress").asText();
    }

    private static boolean isUserDefined(JsonNode container) {
        return !Set.of("bridge", "default", "host", "none", "")
                .contains(container.path("HostConfig").path("NetworkMode").asText(""));
    }

    private static JsonNode networks(JsonNode container) {
        return container.path("NetworkSettings").path("Networks");
    }
}
