package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ForeignContainer;
import io.tailrace.runtime.spi.ForeignContainers;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.TerminalSize;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/** The engine's containers without this server's label. Thread-safe. */
final class DockerForeignContainers implements ForeignContainers {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");
    private static final TerminalSize TERMINAL = new TerminalSize(80, 24);

    private final Services services;
    private final Instant watchedSince;
    private final Map<String, DockerForeignContainer> known = new ConcurrentHashMap<>();

    /** @param services whose events are heard already */
    DockerForeignContainers(Services services) {
        this.services = services;
        watchedSince = Instant.ofEpochSecond(0, ForeignLog.now(services.client()));
    }

    @Override
    public List<String> running() {
        JsonNode listed = services.client().get("/containers/json").json("list containers");
        List<String> ids = new ArrayList<>();
        for (JsonNode container : listed) {
            if (isForeign(container.path("Labels")) && ids.size() < LISTED_MAX) {
                ids.add(container.path("Id").asText());
            }
        }
        return ids;
    }

    private boolean isForeign(JsonNode labels) {
        return !labels.path(Labels.DATA_DIRECTORY)
                .asText("")
                .equals(services.dataDirectory().toString());
    }

    @Override
    public Optional<ForeignContainer> look(String id) {
        if (!ID.matcher(id).matches()) {
            return Optional.empty();
        }
        Place place = new Place(id, true);
        Optional<ContainerView> found = Containers.find(services.client(), place);
        if (found.isEmpty()) {
            container(place).forgetAll();
        }
        return found.filter(view -> isForeign(view.spec().path("Config").path("Labels")))
                .map(view -> describe(place, view));
    }

    private ForeignContainer describe(Place place, ContainerView view) {
        JsonNode config = view.spec().path("Config");
        JsonNode host = view.spec().path("HostConfig");
        JsonNode stopSeconds = config.path("StopTimeout");
        return new ForeignContainer(
                place.handle(),
                view.spec().path("Name").asText().replaceFirst("^/", ""),
                config.path("Image").asText(),
                new ContainerSpec(
                        place.id(),
                        view.spec().path("Image").asText(),
                        process(view, config, host),
                        config.path("Hostname").asText(),
                        network(host.path("NetworkMode").asText()),
                        List.of(),
                        ContainerSpec.Dns.DEFAULT,
                        List.of(),
                        List.of(),
                        host.path("ReadonlyRootfs").asBoolean(),
                        host.path("Init").asBoolean(),
                        ContainerSpec.Limits.NONE,
                        List.of(),
                        Json.members(config.path("Labels")),
                        List.of()),
                config.path("StopSignal").asText(""),
                stopSeconds.isIntegralNumber() && stopSeconds.asLong() >= 0
                        ? Duration.ofSeconds(stopSeconds.asLong())
                        : null,
                ForeignRun.status(view),
                container(place).hasNewRun(view),
                ForeignLog.keepsNothing(view));
    }

    private static ProcessSpec process(ContainerView view, JsonNode config, JsonNode host) {
        List<String> arguments =
                new ArrayList<>(List.of(view.spec().path("Path").asText()));
        arguments.addAll(Json.texts(view.spec().path("Args")));
        return new ProcessSpec(
                arguments,
                Json.texts(config.path("Env")),
                config.path("WorkingDir").asText(),
                config.path("User").asText(),
                Json.texts(host.path("GroupAdd")),
                false,
                view.hasTerminal() ? TERMINAL : null,
                host.path("Privileged").asBoolean(),
                Json.texts(host.path("CapAdd")),
                Json.texts(host.path("CapDrop")),
                Json.texts(host.path("SecurityOpt")).stream()
                        .anyMatch(option -> option.startsWith(HostConfig.NO_NEW_PRIVILEGES)),
                StreamSupport.stream(host.path("Ulimits").spliterator(), false)
                        .map(ulimit -> new ProcessSpec.Ulimit(
                                ulimit.path("Name").asText(),
                                ulimit.path("Soft").asLong(),
                                ulimit.path("Hard").asLong()))
                        .toList());
    }

    private static ContainerSpec.NetworkMode network(String mode) {
        return switch (mode) {
            case "host" -> ContainerSpec.NetworkMode.HOST;
            case "none" -> ContainerSpec.NetworkMode.NONE;
            default -> ContainerSpec.NetworkMode.BRIDGE;
        };
    }

    private DockerForeignContainer container(Place place) {
        return known.computeIfAbsent(
                place.id(),
                absent -> new DockerForeignContainer(services, place, watchedSince, () -> known.remove(place.id())));
    }

    /** @throws io.tailrace.runtime.spi.ContainerRuntimeException NOT_FOUND if the engine does not have it */
    DockerForeignContainer recover(Place place) {
        Optional<ContainerView> view = Containers.find(services.client(), place);
        if (view.isEmpty()) {
            container(place).forgetAll();
            throw Place.absent(place);
        }
        DockerForeignContainer found = container(place);
        if (found.process().isEmpty()) {
            found.recoverRun(view.get());
        }
        return found;
    }

    @Override
    public void listen(Consumer<String> listener) {
        services.events().listen(listener);
    }

    void detach() {
        known.values().forEach(DockerForeignContainer::detach);
    }
}
