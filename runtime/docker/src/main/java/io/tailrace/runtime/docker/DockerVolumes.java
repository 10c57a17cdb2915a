package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.DirectorySizes;
import io.tailrace.runtime.spi.NewVolume;
import io.tailrace.runtime.spi.Volume;
import io.tailrace.runtime.spi.Volumes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The engine's volumes: what is listed are those with this server's label, what is found by name is any. */
final class DockerVolumes implements Volumes {
    private static final Pattern NAMES = Pattern.compile(NAME);

    private final Services services;

    DockerVolumes(Services services) {
        this.services = services;
    }

    @Override
    public Volume create(NewVolume wanted) {
        // The engine answers with the one that is there, whatever it is.
        if (find(wanted.name()).isPresent()) {
            throw new ContainerRuntimeException(
                    Code.ALREADY_EXISTS, "volume: %s (expected: a name that is not taken)".formatted(wanted.name()));
        }
        Map<String, String> labels = new LinkedHashMap<>(wanted.labels());
        labels.put(Labels.DATA_DIRECTORY, services.dataDirectory().toString());
        if (!wanted.madeFor().isEmpty()) {
            labels.put(Labels.MADE_FOR, wanted.madeFor());
            labels.put(Labels.ANONYMOUS, "");
        }
        return volume(services.client()
                .post("/volumes/create", Map.of("Name", wanted.name(), "Labels", labels), EngineClient.LONG)
                .json("create volume " + wanted.name()));
    }

    @Override
    public Volume get(String name) {
        return find(name).map(DockerVolumes::volume).orElseThrow(() -> absent(name));
    }

    private Optional<JsonNode> find(String name) {
        Answer answer = services.client().get(path(name));
        return answer.status() == Answer.NOT_FOUND
                ? Optional.empty()
                : Optional.of(answer.json("look up volume " + name));
    }

    @Override
    public List<Volume> list() {
        String filters = Json.text(Map.of("label", List.of(Labels.DATA_DIRECTORY + "=" + services.dataDirectory())));
        List<Volume> volumes = new ArrayList<>();
        services.client()
                .get("/volumes?filters=" + EngineClient.encoded(filters))
                .json("list volumes")
                .path("Volumes")
                .forEach(listed -> volumes.add(volume(listed)));
        return volumes;
    }

    private static Volume volume(JsonNode json) {
        Map<String, String> labels = Json.members(json.path("Labels"));
        String madeFor = labels.getOrDefault(Labels.MADE_FOR, "");
        List.of(Labels.DATA_DIRECTORY, Labels.MADE_FOR, Labels.ANONYMOUS).forEach(labels::remove);
        return new Volume(
                json.path("Name").asText(),
                labels,
                ContainerView.instant(json.path("CreatedAt").asText()),
                json.path("Mountpoint").asText(),
                madeFor);
    }

    @Override
    public void remove(String name) {
        Answer answer = services.client().delete(path(name));
        if (answer.status() == Answer.NOT_FOUND) {
            throw absent(name);
        }
        if (!answer.isDone()) {
            throw answer.failure("remove volume " + name);
        }
    }

    @Override
    public Map<String, Long> sizes(Collection<String> names) {
        Map<Path, String> here = new HashMap<>();
        Map<String, Long> sizes = new HashMap<>();
        boolean isElsewhere = false;
        for (String name : names) {
            Optional<JsonNode> found = find(name);
            Optional<Path> directory = found.flatMap(this::directory);
            directory.ifPresent(path -> here.put(path, name));
            isElsewhere |= found.isPresent() && directory.isEmpty();
        }
        Map<Path, Long> counted = DirectorySizes.of(here.keySet());
        here.forEach((path, name) -> sizes.put(name, counted.getOrDefault(path, 0L)));
        if (isElsewhere) {
            toldSizes().forEach((name, bytes) -> {
                if (names.contains(name)) {
                    sizes.putIfAbsent(name, bytes);
                }
            });
        }
        return sizes;
    }

    /** The directory that the engine has for a volume, if this server can look at it. */
    private Optional<Path> directory(JsonNode volume) {
        if (!services.engine().isHere()
                || !volume.path("Driver").asText().equals("local")
                || volume.path("Mountpoint").asText().isEmpty()) {
            return Optional.empty();
        }
        Path files = Path.of(volume.path("Mountpoint").asText());
        Path own = files.getParent();
        Path directory = own != null && own.endsWith(volume.path("Name").asText()) ? own : files;
        return Files.isReadable(directory) ? Optional.of(directory) : Optional.empty();
    }

    /** As the engine counts: the lengths of files in place of their blocks. */
    private Map<String, Long> toldSizes() {
        Map<String, Long> sizes = new HashMap<>();
        services.client()
                .get("/system/df")
                .json("ask for the sizes of volumes")
                .path("Volumes")
                .forEach(volume -> sizes.put(
                        volume.path("Name").asText(),
                        Math.max(0, volume.path("UsageData").path("Size").asLong())));
        return sizes;
    }

    private static String path(String name) {
        if (!NAMES.matcher(name).matches()) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "volume: %s (expected: %s)".formatted(name, NAME));
        }
        return "/volumes/" + name;
    }

    private static ContainerRuntimeException absent(String name) {
        return new ContainerRuntimeException(Code.NOT_FOUND, "volume: %s (expected: one that exists)".formatted(name));
    }
}
