package io.tailrace.runtime.containerd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tailrace.runtime.containerd.ImageParts.Part;
import io.tailrace.runtime.containerd.proto.types.Descriptor;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.Images.Progress;
import io.tailrace.runtime.spi.Images.ProgressListener;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Loads archives into the content store: an OCI layout's blobs as they are, a docker-archive's layers under a manifest
 * made for them, and the tar of a root file system as the one layer of a new image.
 *
 * <p>An archive is first written to a file, uncompressed, because its parts may come in any order.
 */
final class ImageArchive {
    private static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";
    private static final int BUFFER_BYTES = 256 << 10;
    private static final int GZIP_MAGIC = 0x1f8b;
    private static final int INDEX_DEPTH_MAX = 4;
    /** More than any overlay file system stacks (500) and any archive refers to. */
    private static final int LAYERS_MAX = 1_000;

    private final ObjectMapper json = new ObjectMapper();
    private final ImageParts store;
    private final Path spoolDirectory;

    ImageArchive(ContentStore blobs, Path spoolDirectory) {
        store = new ImageParts(blobs);
        this.spoolDirectory = spoolDirectory;
    }

    /** An image whose blobs are in the store, and the full names it shall have. */
    record Loaded(Descriptor target, List<String> names) {}

    /** Stores all images of an archive, kept by the lease until they are named. */
    List<Loaded> load(InputStream archive, Optional<ImageReference> name, String lease, ProgressListener progress) {
        try {
            Files.createDirectories(spoolDirectory);
            Path spool = Files.createTempFile(spoolDirectory, "archive", ".tar");
            try {
                spool(archive, spool, spoolBytesMax(), progress);
                return load(spool, TarIndex.read(spool), name, lease, progress);
            } finally {
                Files.deleteIfExists(spool);
            }
        } catch (ZipException | EOFException malformed) {
            throw invalid("archive: broken gzip data: " + malformed.getMessage());
        } catch (IOException failure) {
            throw Failures.of("import", failure);
        }
    }

    private List<Loaded> load(
            Path spool, TarIndex tar, Optional<ImageReference> name, String lease, ProgressListener progress)
            throws IOException {
        if (tar.contains("oci-layout") && tar.contains("index.json")) {
            return layout(tar, name, lease, progress);
        }
        if (tar.contains("manifest.json")) {
            JsonNode manifest = read(tar, "manifest.json");
            if (manifest.path(0).has("Config") && manifest.path(0).has("Layers")) {
                return dockerArchive(tar, manifest, name, lease, progress);
            }
        }
        return List.of(rootFileSystem(spool, name, lease, progress));
    }

    /** An archive may fill most of the disk, but never all: what containers write goes to the same one. */
    private long spoolBytesMax() throws IOException {
        return Files.getFileStore(spoolDirectory).getUsableSpace() / 10 * 9;
    }

    /** Writes it to a file, uncompressed. @param bytesMax a few MB of gzip can be any number of GB */
    static void spool(InputStream archive, Path spool, long bytesMax, ProgressListener progress) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(archive, BUFFER_BYTES);
        buffered.mark(2);
        int magic = (buffered.read() << 8) | buffered.read();
        buffered.reset();
        InputStream plain = magic == GZIP_MAGIC ? new GZIPInputStream(buffered, BUFFER_BYTES) : buffered;
        long doneBytes = 0;
        progress.progressed(new Progress("archive", "downloading", 0, 0));
        try (OutputStream out = Files.newOutputStream(spool)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = plain.read(buffer); read >= 0; read = plain.read(buffer)) {
                doneBytes += read;
                if (doneBytes > bytesMax) {
                    throw new ContainerRuntimeException(
                            Code.RESOURCE_EXHAUSTED,
                            "archive: more than %d bytes uncompressed (expected: at most nine tenths of the free disk)"
                                    .formatted(bytesMax));
                }
                out.write(buffer, 0, read);
                progress.progressed(new Progress("archive", "downloading", doneBytes, 0));
            }
        }
        progress.progressed(new Progress("archive", "done", doneBytes, doneBytes));
    }

    private List<Loaded> layout(TarIndex tar, Optional<ImageReference> name, String lease, ProgressListener progress)
            throws IOException {
        Map<String, Loaded> byDigest = new LinkedHashMap<>();
        Map<String, Optional<Descriptor>> known = new HashMap<>();
        for (JsonNode entry : read(tar, "index.json").path("manifests")) {
            Optional<Descriptor> target = manifestFor(tar, entry, 0, known);
            if (target.isEmpty()) {
                continue;
            }
            List<String> names = new ArrayList<>();
            name.ifPresentOrElse(
                    given -> names.add(given.toString()),
                    () -> names.addAll(annotatedNames(entry.path("annotations"))));
            Loaded loaded = new Loaded(target.get(), names);
            Loaded earlier = byDigest.putIfAbsent(target.get().getDigest(), loaded);
            if (earlier != null) {
                earlier.names().addAll(names);
            } else {
                storeLayoutImage(tar, target.get(), lease, progress);
            }
            if (name.isPresent()) {
                break;
            }
        }
        List<Loaded> named = byDigest.values().stream()
                .filter(loaded -> !loaded.names().isEmpty())
                .toList();
        if (named.isEmpty()) {
            throw invalid(
                    byDigest.isEmpty()
                            ? "archive: no image for linux/%s in it".formatted(Seccomp.architecture())
                            : "reference: empty (expected: a name, as the archive has none)");
        }
        return named;
    }

    /**
     * The manifest for this machine that an index entry leads to, if its parts are in the archive.
     *
     * @param known what blobs led to: a few that name each other many times would take for ever
     */
    private Optional<Descriptor> manifestFor(
            TarIndex tar, JsonNode entry, int depth, Map<String, Optional<Descriptor>> known) throws IOException {
        String blob = blobName(entry.path("digest").asText());
        if (depth > INDEX_DEPTH_MAX || !ImageContent.isForThisMachine(entry.path("platform")) || !tar.contains(blob)) {
            return Optional.empty();
        }
        Optional<Descriptor> before = known.putIfAbsent(blob, Optional.empty());
        if (before != null) {
            return before;
        }
        JsonNode node = read(tar, blob);
        Optional<Descriptor> found = Optional.empty();
        if (node.has("config")) {
            JsonNode config =
                    read(tar, blobName(node.path("config").path("digest").asText()));
            if (ImageContent.isForThisMachine(config)) {
                found = Optional.of(ImageContent.descriptor(entry));
            }
        } else {
            for (JsonNode nested : node.path("manifests")) {
                found = manifestFor(tar, nested, depth + 1, known);
                if (found.isPresent()) {
                    break;
                }
            }
        }
        known.put(blob, found);
        return found;
    }

    private void storeLayoutImage(TarIndex tar, Descriptor target, String lease, ProgressListener progress)
            throws IOException {
        JsonNode manifest = read(tar, blobName(target.getDigest()));
        List<Part> parts = new ArrayList<>();
        List<Descriptor> layers = new ArrayList<>();
        Descriptor config = ImageContent.descriptor(manifest.path("config"));
        parts.add(part(tar, config, Map.of()));
        for (JsonNode node : few(manifest.path("layers"))) {
            Descriptor layer = ImageContent.descriptor(node);
            layers.add(layer);
            parts.add(part(tar, layer, Map.of()));
        }
        parts.add(part(tar, target, ImageParts.references(config, layers)));
        store.put(parts, lease, progress);
    }

    /** A blob of a layout, if it is as large as its descriptor says. */
    private static Part part(TarIndex tar, Descriptor descriptor, Map<String, String> labels) {
        String blob = blobName(descriptor.getDigest());
        if (descriptor.getSize() != tar.sizeBytes(blob)) {
            throw invalid("archive: %s: %d bytes (expected: %d, as its descriptor says)"
                    .formatted(blob, tar.sizeBytes(blob), descriptor.getSize()));
        }
        return new Part(descriptor, labels, () -> tar.open(blob));
    }

    private static JsonNode few(JsonNode layers) {
        if (layers.size() > LAYERS_MAX) {
            throw invalid("archive: %d layers (expected: at most %d)".formatted(layers.size(), LAYERS_MAX));
        }
        return layers;
    }

    private static List<String> annotatedNames(JsonNode annotations) {
        String full = annotations.path("io.containerd.image.name").asText();
        String name = full.isEmpty()
                ? annotations.path("org.opencontainers.image.ref.name").asText()
                : full;
        boolean isOnlyTag = full.isEmpty() && !name.contains("/") && !name.contains(":");
        return name.isEmpty() || isOnlyTag
                ? List.of()
                : List.of(ImageReference.parse(name).toString());
    }

    private List<Loaded> dockerArchive(
            TarIndex tar, JsonNode manifest, Optional<ImageReference> name, String lease, ProgressListener progress)
            throws IOException {
        List<Loaded> images = new ArrayList<>();
        for (JsonNode entry : manifest) {
            List<String> names = new ArrayList<>();
            entry.path("RepoTags")
                    .forEach(tag -> names.add(ImageReference.parse(tag.asText()).toString()));
            if (name.isPresent()) {
                names.clear();
                names.add(name.get().toString());
            }
            if (names.isEmpty()) {
                throw invalid("reference: empty (expected: a name, as the archive has none)");
            }
            byte[] config = tar.bytes(entry.path("Config").asText(), ContentStore.JSON_BYTES_MAX);
            List<Part> layers = new ArrayList<>();
            for (JsonNode layer : few(entry.path("Layers"))) {
                layers.add(layerOf(tar, layer.asText()));
            }
            images.add(new Loaded(store.put(config, layers, lease, progress), names));
            if (name.isPresent()) {
                break;
            }
        }
        return images;
    }

    private static Part layerOf(TarIndex tar, String entry) throws IOException {
        byte[] magic = tar.bytes(entry, 1);
        boolean isGzip = magic.length == 2 && (((magic[0] & 0xff) << 8) | (magic[1] & 0xff)) == GZIP_MAGIC;
        String digest;
        try (InputStream in = tar.open(entry)) {
            digest = Digests.of(in);
        }
        Descriptor descriptor = Descriptor.newBuilder()
                .setMediaType(isGzip ? LAYER_TYPE + "+gzip" : LAYER_TYPE)
                .setDigest(digest)
                .setSize(tar.sizeBytes(entry))
                .build();
        return new Part(descriptor, Map.of(), () -> tar.open(entry));
    }

    private Loaded rootFileSystem(Path spool, Optional<ImageReference> name, String lease, ProgressListener progress)
            throws IOException {
        if (name.isEmpty()) {
            throw invalid("reference: empty (expected: a name for the root file system)");
        }
        String digest;
        try (InputStream in = Files.newInputStream(spool)) {
            digest = Digests.of(in);
        }
        ObjectNode config = json.createObjectNode();
        config.put("created", Instant.now().toString());
        config.put("architecture", Seccomp.architecture());
        config.put("os", "linux");
        config.putObject("config");
        config.putObject("rootfs").put("type", "layers").putArray("diff_ids").add(digest);
        Descriptor layer = Descriptor.newBuilder()
                .setMediaType(LAYER_TYPE)
                .setDigest(digest)
                .setSize(Files.size(spool))
                .build();
        Part part = new Part(layer, Map.of(), () -> Files.newInputStream(spool));
        return new Loaded(
                store.put(json.writeValueAsBytes(config), List.of(part), lease, progress),
                List.of(name.get().toString()));
    }

    private JsonNode read(TarIndex tar, String name) throws IOException {
        return ContentStore.parse(name, tar.bytes(name, ContentStore.JSON_BYTES_MAX));
    }

    private static String blobName(String digest) {
        return "blobs/" + digest.replace(':', '/');
    }

    private static ContainerRuntimeException invalid(String message) {
        return new ContainerRuntimeException(Code.INVALID_ARGUMENT, message);
    }
}
