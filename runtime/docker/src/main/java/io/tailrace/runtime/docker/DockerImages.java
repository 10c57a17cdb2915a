package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.HealthCheck;
import io.tailrace.runtime.spi.Image;
import io.tailrace.runtime.spi.ImageUsage;
import io.tailrace.runtime.spi.Images;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The engine's image store. */
final class DockerImages implements Images {
    private static final Pattern ID = Pattern.compile("(sha256:)?[0-9a-f]{12,64}");
    private static final String OCI_LOADED_SINCE = "1.44";
    private static final Pattern LOADED = Pattern.compile("Loaded image(?: ID)?: (\\S+)");

    private final EngineClient client;

    DockerImages(EngineClient client) {
        this.client = client;
    }

    @Override
    public List<Image> list() {
        List<Image> images = new ArrayList<>();
        for (JsonNode listed : client.get("/images/json").json("list images")) {
            inspect(listed.path("Id").asText()).ifPresent(images::add);
        }
        return images;
    }

    @Override
    public Image get(String reference) {
        if (!ID.matcher(reference).matches()) {
            var _ = ImageName.parse(reference);
        }
        return inspect(reference).orElseThrow(() -> absent(reference));
    }

    private Optional<Image> inspect(String reference) {
        Answer answer = client.get("/images/" + EngineClient.encoded(reference) + "/json");
        if (answer.status() == Answer.NOT_FOUND) {
            return Optional.empty();
        }
        return Optional.of(image(answer.json("look up image " + reference)));
    }

    private static Image image(JsonNode json) {
        JsonNode config = json.path("Config");
        String variant = json.path("Variant").asText("");
        String id = json.path("Id").asText();
        List<String> digests = Json.texts(json.path("RepoDigests"));
        return new Image(
                id,
                Json.texts(json.path("RepoTags")).stream()
                        .map(tag -> ImageName.parse(tag).toString())
                        .toList(),
                digests.isEmpty() ? id : digests.getFirst().replaceFirst(".*@", ""),
                json.path("Size").asLong(),
                json.path("Created").asText("").isEmpty()
                        ? Instant.EPOCH
                        : ContainerView.instant(json.path("Created").asText()),
                json.path("Os").asText() + "/" + json.path("Architecture").asText()
                        + (variant.isEmpty() ? "" : "/" + variant),
                new Image.Config(
                        Json.texts(config.path("Entrypoint")),
                        Json.texts(config.path("Cmd")),
                        Json.texts(config.path("Env")),
                        config.path("WorkingDir").asText(""),
                        config.path("User").asText(""),
                        config.path("StopSignal").asText(""),
                        Json.members(config.path("Labels")),
                        List.copyOf(Json.members(config.path("Volumes")).keySet()),
                        healthCheck(config.path("Healthcheck"))));
    }

    /** With times in ns; null for none. */
    private static @Nullable HealthCheck healthCheck(JsonNode check) {
        return check.isObject()
                ? new HealthCheck(
                        Json.texts(check.path("Test")),
                        Duration.ofNanos(check.path("Interval").asLong()),
                        Duration.ofNanos(check.path("Timeout").asLong()),
                        check.path("Retries").asInt(),
                        Duration.ofNanos(check.path("StartPeriod").asLong()),
                        Duration.ofNanos(check.path("StartInterval").asLong()))
                : null;
    }

    @Override
    public Image pull(String reference, ProgressListener progress) {
        ImageName name = ImageName.parse(reference);
        String path = "/images/create?fromImage=%s&tag=%s"
                .formatted(
                        EngineClient.encoded(name.repository()),
                        EngineClient.encoded(name.digest().isEmpty() ? name.tag() : name.digest()));
        new ImageProgress(client, "pull " + reference, progress).follow(path, InputStream.nullInputStream());
        return get(reference);
    }

    @Override
    public List<Image> importArchive(InputStream archive, String reference, ProgressListener progress) {
        Path file = null;
        try {
            file = Files.createTempFile("tailrace-image", ".tar");
            Files.copy(archive, file, StandardCopyOption.REPLACE_EXISTING);
            progress.progressed(new Progress("archive", "unpacking", 0, Files.size(file)));
            List<Image> images = load(file, reference, progress);
            progress.progressed(new Progress("archive", "done", Files.size(file), Files.size(file)));
            return images;
        } catch (IOException e) {
            throw new ContainerRuntimeException(Code.INVALID_ARGUMENT, "archive: it cannot be read: " + e, e);
        } finally {
            delete(file);
        }
    }

    private static void delete(@Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // The system cleans its directory for temporary files.
        }
    }

    private List<Image> load(Path file, String reference, ProgressListener progress) throws IOException {
        ArchiveKind kind = ArchiveKind.of(file);
        if (kind == ArchiveKind.UNKNOWN) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "archive: no tar (expected: a docker-archive, an OCI layout or a root file system)");
        }
        if (kind == ArchiveKind.OCI && !client.speaks(OCI_LOADED_SINCE)) {
            throw new ContainerRuntimeException(
                    Code.UNSUPPORTED,
                    "archive: an OCI layout (expected: a docker-archive; the engine loads layouts from Docker 25 on)");
        }
        return kind == ArchiveKind.ROOT_FILE_SYSTEM
                ? List.of(importRoot(file, reference, progress))
                : loadImages(file, reference, progress);
    }

    private Image importRoot(Path file, String reference, ProgressListener progress) throws IOException {
        if (reference.isEmpty()) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "reference: empty (expected: a name for the root file system)");
        }
        ImageName name = ImageName.parse(reference);
        String path = "/images/create?fromSrc=-&repo=%s&tag=%s"
                .formatted(EngineClient.encoded(name.repository()), EngineClient.encoded(name.tag()));
        try (InputStream tar = Files.newInputStream(file)) {
            new ImageProgress(client, "import " + reference, progress).follow(path, tar);
        }
        return get(reference);
    }

    private List<Image> loadImages(Path file, String reference, ProgressListener progress) throws IOException {
        List<String> said;
        try (InputStream tar = Files.newInputStream(file)) {
            said = new ImageProgress(client, "load an archive", progress).follow("/images/load?quiet=1", tar);
        }
        Set<String> names = new LinkedHashSet<>();
        said.forEach(line -> LOADED.matcher(line).results().forEach(result -> names.add(result.group(1))));
        if (names.isEmpty()) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "archive: the engine found no image in it: " + String.join(" ", said));
        }
        List<Image> images = new ArrayList<>();
        for (String name : names) {
            if (!reference.isEmpty()) {
                tag(name, ImageName.parse(reference));
            }
            images.add(get(reference.isEmpty() ? name : reference));
        }
        return images;
    }

    private void tag(String loaded, ImageName name) {
        if (!ID.matcher(loaded).matches() && ImageName.parse(loaded).equals(name)) {
            return;
        }
        Answer answer = client.post(
                "/images/%s/tag?repo=%s&tag=%s"
                        .formatted(
                                EngineClient.encoded(loaded),
                                EngineClient.encoded(name.repository()),
                                EngineClient.encoded(name.tag())),
                Map.of(),
                EngineClient.SOON);
        if (!answer.isDone()) {
            throw answer.failure("name image " + name);
        }
    }

    @Override
    public void remove(String reference) {
        remove(reference, "");
    }

    @Override
    public void removeAnyway(String reference) {
        remove(reference, "?force=true");
    }

    private void remove(String reference, String query) {
        Answer answer = client.delete("/images/" + EngineClient.encoded(reference) + query);
        if (answer.status() == Answer.NOT_FOUND) {
            throw absent(reference);
        }
        if (!answer.isDone()) {
            throw answer.failure("remove image " + reference);
        }
    }

    @Override
    public ImageUsage usage() {
        JsonNode usage = client.measure("/system/df?type=image").json("measure images");
        List<ImageUsage.Entry> images = new ArrayList<>();
        for (JsonNode image : usage.path("Images")) {
            long sizeBytes = image.path("Size").asLong();
            long sharedBytes = Math.max(0, image.path("SharedSize").asLong());
            images.add(
                    new ImageUsage.Entry(image.path("Id").asText(), sizeBytes, Math.max(0, sizeBytes - sharedBytes)));
        }
        return new ImageUsage(usage.path("LayersSize").asLong(), images);
    }

    private static ContainerRuntimeException absent(String reference) {
        return new ContainerRuntimeException(
                Code.NOT_FOUND, "image: %s (expected: one that is present)".formatted(reference));
    }
}
