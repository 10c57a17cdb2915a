package io.tailrace.runtime.containerd;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.containerd.proto.types.Descriptor;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.HealthCheck;
import io.tailrace.runtime.spi.Image;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an image's digest leads to in the content store, for this machine's platform. Never changes, being addressed by
 * its content.
 *
 * @param target the digest that the image's name points to: of a manifest or an index
 * @param configDigest the image's id
 * @param layers compressed or not, lowest first
 * @param diffIds the digests of the layers, uncompressed
 */
record ImageContent(
        String target,
        String configDigest,
        List<Descriptor> layers,
        List<String> diffIds,
        long sizeBytes,
        Instant createdAt,
        String platform,
        Image.Config config) {
    private static final int INDEX_DEPTH_MAX = 4;
    private static final Instant CREATED_MIN = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant CREATED_END = Instant.parse("+10000-01-01T00:00:00Z");

    /** Reads it. @throws ContainerRuntimeException NOT_FOUND if there is nothing for this platform */
    static ImageContent read(ContentStore blobs, String target) {
        JsonNode manifest = manifest(blobs, target, 0, new HashSet<>())
                .orElseThrow(() -> new ContainerRuntimeException(
                        Code.NOT_FOUND,
                        "image %s: nothing for linux/%s in it".formatted(target, Seccomp.architecture())));
        JsonNode configDescriptor = manifest.path("config");
        String configDigest = configDescriptor.path("digest").asText();
        JsonNode config = blobs.readJson(configDigest);
        List<Descriptor> layers = new ArrayList<>();
        long sizeBytes = configDescriptor.path("size").asLong();
        for (JsonNode layer : manifest.path("layers")) {
            Descriptor descriptor = descriptor(layer);
            layers.add(descriptor);
            sizeBytes += descriptor.getSize();
        }
        return new ImageContent(
                target,
                configDigest,
                List.copyOf(layers),
                strings(config.path("rootfs").path("diff_ids")),
                sizeBytes,
                createdAt(config.path("created").asText()),
                platform(config),
                config(config.path("config")));
    }

    /** The name of the snapshot that has all layers; empty for an image without any. */
    String chainId() {
        return ChainId.of(diffIds);
    }

    Image image(List<String> references) {
        return new Image(configDigest, references, target, sizeBytes, createdAt, platform, config);
    }

    /** @param seen indexes that were looked into: a few that name each other many times would take for ever */
    private static Optional<JsonNode> manifest(ContentStore blobs, String digest, int depth, Set<String> seen) {
        if (depth > INDEX_DEPTH_MAX || !seen.add(digest) || !blobs.exists(digest)) {
            return Optional.empty();
        }
        JsonNode node = blobs.readJson(digest);
        if (!node.has("manifests")) {
            return node.has("config")
                            && blobs.exists(node.path("config").path("digest").asText())
                    ? Optional.of(node)
                    : Optional.empty();
        }
        for (JsonNode entry : node.path("manifests")) {
            if (isForThisMachine(entry.path("platform"))) {
                Optional<JsonNode> found = manifest(blobs, entry.path("digest").asText(), depth + 1, seen);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    /** An entry without a platform may be for any. */
    static boolean isForThisMachine(JsonNode platform) {
        return platform.isMissingNode()
                || (platform.path("os").asText().equals("linux")
                        && platform.path("architecture").asText().equals(Seccomp.architecture()));
    }

    static Descriptor descriptor(JsonNode node) {
        return Descriptor.newBuilder()
                .setMediaType(node.path("mediaType").asText())
                .setDigest(node.path("digest").asText())
                .setSize(node.path("size").asLong())
                .build();
    }

    private static Image.Config config(JsonNode config) {
        Map<String, String> labels = new TreeMap<>();
        config.path("Labels")
                .properties()
                .forEach(entry -> labels.put(entry.getKey(), entry.getValue().asText()));
        return new Image.Config(
                strings(config.path("Entrypoint")),
                strings(config.path("Cmd")),
                strings(config.path("Env")),
                config.path("WorkingDir").asText(),
                config.path("User").asText(),
                config.path("StopSignal").asText(),
                labels,
                config.path("Volumes").properties().stream()
                        .map(Map.Entry::getKey)
                        .sorted()
                        .toList(),
                healthCheck(config.path("Healthcheck")));
    }

    /** As Docker's images have it, with times in ns; null for none. What is wrong with it is said to who makes a container. */
    private static @Nullable HealthCheck healthCheck(JsonNode check) {
        return check.isObject()
                ? new HealthCheck(
                        strings(check.path("Test")),
                        nanos(check.path("Interval")),
                        nanos(check.path("Timeout")),
                        check.path("Retries").asInt(),
                        nanos(check.path("StartPeriod")),
                        nanos(check.path("StartInterval")))
                : null;
    }

    private static @Nullable Duration nanos(JsonNode nanos) {
        return nanos.isIntegralNumber() ? Duration.ofNanos(nanos.asLong()) : null;
    }

    private static String platform(JsonNode config) {
        String variant = config.path("variant").asText();
        return config.path("os").asText("linux")
                + "/"
                + config.path("architecture").asText()
                + (variant.isEmpty() ? "" : "/" + variant);
    }

    /** What RFC 3339 can say, years 1 to 9999; else the epoch. */
    private static Instant createdAt(String text) {
        try {
            Instant instant =
                    text.isEmpty() ? Instant.EPOCH : OffsetDateTime.parse(text).toInstant();
            return instant.isBefore(CREATED_MIN) || !instant.isBefore(CREATED_END) ? Instant.EPOCH : instant;
        } catch (DateTimeParseException malformed) {
            return Instant.EPOCH;
        }
    }

    private static List<String> strings(JsonNode array) {
        List<String> strings = new ArrayList<>();
        array.forEach(node -> strings.add(node.asText()));
        return List.copyOf(strings);
    }
}
