package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntime;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ForeignContainers;
import io.tailrace.runtime.spi.Images;
import io.tailrace.runtime.spi.Networks;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeInfo;
import io.tailrace.runtime.spi.Volumes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Containers through a Docker Engine, over its socket.
 *
 * <p>The way of a container's output: the engine copies what the process writes into its log, and to each connection that
 * is attached; one is, for each stream, before the start. After a restart of this server the rest comes from that log, from
 * the byte on that the timeline does not have. All state is the engine's, or a small file under the data directory
 * ({@link ContainerFiles}).
 */
public final class DockerRuntime implements ContainerRuntime {
    private final Services services;
    private final DockerImages images;
    private final DockerVolumes volumes;
    private final DockerNetworks networks;
    private final RuntimeInfo info;
    private final Map<String, DockerContainer> known = new ConcurrentHashMap<>();
    private final @Nullable DockerForeignContainers foreign;

    private DockerRuntime(Services services, RuntimeInfo info, boolean isForeign) {
        this.services = services;
        foreign = isForeign ? new DockerForeignContainers(services) : null;
        this.info = info;
        images = new DockerImages(services.client());
        volumes = new DockerVolumes(services);
        networks =
                new DockerNetworks(services.client(), services.dataDirectory().toString());
    }

    /** Connects to an engine. @throws ContainerRuntimeException UNAVAILABLE, or UNSUPPORTED if it is too old */
    public static DockerRuntime connect(DockerConfig config) {
        EngineClient client = new EngineClient(Endpoint.parse(config.socket()));
        try {
            JsonNode engine = client.get("/info").json("ask the engine what it can do");
            RuntimeInfo info = new RuntimeInfo(
                    "docker",
                    client.version().path("Version").asText(),
                    client.endpoint().text(),
                    capabilities(client, engine));
            EngineFacts facts = EngineFacts.of(client, engine);
            var events = new EventWatch(client, config.dataDirectory(), config.foreign());
            try {
                return new DockerRuntime(
                        new Services(client, facts, events, config.dataDirectory()), info, config.foreign());
            } catch (ContainerRuntimeException e) {
                events.close();
                throw e;
            }
        } catch (ContainerRuntimeException e) {
            client.close();
            throw e;
        }
    }

    private static Set<Capability> capabilities(EngineClient client, JsonNode engine) {
        Set<Capability> capabilities = EnumSet.allOf(Capability.class);
        capabilities.remove(Capability.EXEC_OUTPUT_KEPT);
        if (!client.get("/networks/bridge").isDone()) {
            capabilities.remove(Capability.NETWORK_BRIDGE);
        }
        if (!Json.texts(engine.path("Plugins").path("Network")).contains("bridge")) {
            capabilities.remove(Capability.NETWORKS);
        }
        return capabilities;
    }

    @Override
    public RuntimeInfo info() {
        return info;
    }

    @Override
    public Images images() {
        return images;
    }

    @Override
    public Volumes volumes() {
        return volumes;
    }

    @Override
    public Networks networks() {
        if (!info.capabilities().contains(Capability.NETWORKS)) {
            throw new ContainerRuntimeException(
                    Code.UNSUPPORTED, "networks: the engine has no driver for bridges (expected: one that has)");
        }
        return networks;
    }

    @Override
    public RuntimeContainer create(ContainerSpec spec) {
        Place place = new Place(spec.id());
        SpecCheck.check(spec, info.capabilities(), services.engine());
        // The engine would make one that is missing.
        spec.mounts().stream()
                .filter(mount -> mount.type() == ContainerSpec.Mount.Type.VOLUME)
                .forEach(mount -> volumes.get(mount.source()));
        // The engine looks for them only when the container is started.
        spec.networks().forEach(network -> networks().get(network.network()));
        Answer answer = services.client()
                .post(
                        "/containers/create?name=" + place.name(),
                        ContainerRequest.of(
                                spec,
                                services.dataDirectory().toString(),
                                services.engine().hasLocalLog(),
                                spec.hosts().stream()
                                                .anyMatch(
                                                        host -> host.address().equals(ContainerSpec.HostEntry.GATEWAY))
                                        ? gateway(spec)
                                        : ""),
                        EngineClient.LONG);
        if (answer.status() == Answer.CONFLICT) {
            throw new ContainerRuntimeException(
                    Code.ALREADY_EXISTS, "container id: %s (expected: one that is not in use)".formatted(spec.id()));
        }
        if (answer.status() == Answer.NOT_FOUND) {
            throw new ContainerRuntimeException(
                    Code.NOT_FOUND,
                    "image: %s (expected: one that is present): %s".formatted(spec.image(), answer.message()));
        }
        if (!answer.isDone()) {
            throw StartFailure.of(answer.message()).orElseGet(() -> answer.failure("create " + place));
        }
        attach(place, spec);
        DockerContainer container =
                new DockerContainer(services, place, spec.process().terminal(), () -> known.remove(spec.id()));
        known.put(spec.id(), container);
        return container;
    }

    private void attach(Place place, ContainerSpec spec) {
        try {
            spec.networks().stream()
                    .skip(1)
                    .forEach(network -> Attachments.connect(services.client(), place.name(), network));
        } catch (ContainerRuntimeException e) {
            Answer removed = services.client().delete(place.path("?v=true&force=true"));
            if (!removed.isDone()) {
                e.addSuppressed(removed.failure("remove " + place));
            }
            throw e;
        }
    }

    /** Asked for by name, Docker 20.10 writes {@code <nil>} after it was restarted while containers ran. */
    private String gateway(ContainerSpec spec) {
        if (!spec.networks().isEmpty()) {
            return networks.get(spec.networks().getFirst().network()).gateway();
        }
        return services.client()
                .get("/networks/bridge")
                .json("ask for the bridge")
                .path("IPAM")
                .path("Config")
                .path(0)
                .path("Gateway")
                .asText(ContainerSpec.HostEntry.GATEWAY);
    }

    @Override
    public RuntimeContainer recover(String handle) {
        Place place = Place.ofHandle(handle);
        if (place.isForeign()) {
            return recoverForeign(place);
        }
        ContainerView view = Containers.find(services.client(), place).orElseThrow(() -> Place.absent(place));
        return known.computeIfAbsent(place.id(), absent -> {
            DockerContainer container = new DockerContainer(services, place, null, () -> known.remove(place.id()));
            container.recoverProcess(view);
            return container;
        });
    }

    private RuntimeContainer recoverForeign(Place place) {
        if (foreign == null) {
            // If they are followed again, it is from then on.
            ContainerFiles.of(services.dataDirectory(), place).remove();
            throw new ContainerRuntimeException(
                    Code.NOT_FOUND,
                    "%s (expected: one that was made here, because others are not followed)".formatted(place));
        }
        return foreign.recover(place);
    }

    @Override
    public Optional<ForeignContainers> foreign() {
        return Optional.ofNullable(foreign);
    }

    @Override
    public List<String> handles() {
        String filters = Json.text(Map.of("label", List.of(Labels.DATA_DIRECTORY + "=" + services.dataDirectory())));
        JsonNode listed = services.client()
                .get("/containers/json?all=1&filters=" + EngineClient.encoded(filters))
                .json("list containers");
        List<String> handles = new ArrayList<>();
        for (JsonNode container : listed) {
            handles.add(new Place(container.path("Labels").path(Labels.ID).asText()).handle());
        }
        return handles;
    }

    @Override
    public void close() {
        known.values().forEach(DockerContainer::detach);
        if (foreign != null) {
            foreign.detach();
        }
        services.client().close();
        services.events().close();
    }
}
