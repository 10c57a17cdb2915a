package io.tailrace.runtime.conformance;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.Image;
import io.tailrace.runtime.spi.ImageUsage;
import io.tailrace.runtime.spi.Images;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The images of the scripted machine: names with nothing behind them. Thread-safe. */
final class ScriptedImages implements Images {
    private static final Pattern ID_PREFIX = Pattern.compile("(sha256:)?[0-9a-f]{12,64}");
    private static final Pattern REFERENCE = Pattern.compile("[a-z0-9][a-zA-Z0-9._:/@-]{0,254}");
    private static final Image.Config CONFIG = config(List.of());

    private static final long SHARED_BYTES = 1 << 20;
    private static final long OWN_BYTES = 1 << 10;

    /** By normalised reference. */
    private final Map<String, Image> images = new ConcurrentHashMap<>();

    ScriptedImages() {
        add("scripted", CONFIG);
        add("busybox", CONFIG);
    }

    private static Image.Config config(List<String> volumes) {
        return new Image.Config(
                List.of(),
                List.of("hold"),
                List.of("PATH=/bin", "IMAGE=scripted"),
                "",
                "",
                "",
                Map.of("made-by", "script"),
                volumes,
                null);
    }

    void setVolumes(String reference, List<String> volumes) {
        add(reference, config(volumes));
    }

    Image add(String reference, Image.Config config) {
        String normalised = normalise(reference);
        String digest = digest(normalised.getBytes(StandardCharsets.UTF_8));
        Image image = new Image(digest, List.of(normalised), digest, 1 << 20, Instant.EPOCH, "linux/amd64", config);
        images.put(normalised, image);
        return image;
    }

    @Override
    public List<Image> list() {
        return List.copyOf(images.values());
    }

    @Override
    public Image get(String reference) {
        if (ID_PREFIX.matcher(reference).matches()) {
            String id = reference.startsWith("sha256:") ? reference : "sha256:" + reference;
            for (Image image : images.values()) {
                if (image.id().startsWith(id)) {
                    return image;
                }
            }
        }
        Image image = images.get(normalise(reference));
        if (image == null) {
            throw new ContainerRuntimeException(
                    Code.NOT_FOUND, "image: %s (expected: one that is present)".formatted(reference));
        }
        return image;
    }

    @Override
    public Image pull(String reference, ProgressListener progress) {
        if (reference.contains("missing")) {
            throw new ContainerRuntimeException(
                    Code.NOT_FOUND, "image: %s (expected: one that its registry has)".formatted(reference));
        }
        progress.progressed(new Progress("manifest", "downloading", 0, 1));
        Image image = add(reference, CONFIG);
        progress.progressed(new Progress("manifest", "done", 1, 1));
        return image;
    }

    @Override
    public List<Image> importArchive(InputStream archive, String reference, ProgressListener progress) {
        if (reference.isEmpty()) {
            throw new ContainerRuntimeException(Code.INVALID_ARGUMENT, "reference: empty (expected: a name)");
        }
        try {
            long size = archive.transferTo(java.io.OutputStream.nullOutputStream());
            progress.progressed(new Progress("archive", "done", size, size));
        } catch (IOException e) {
            throw new ContainerRuntimeException(Code.INVALID_ARGUMENT, "archive: it cannot be read", e);
        }
        return List.of(add(reference, CONFIG));
    }

    @Override
    public void remove(String reference) {
        images.remove(get(reference).references().getFirst());
    }

    /** Two parts each, one of which they all share: figures that tests can foretell. */
    @Override
    public ImageUsage usage() {
        Map<String, Map<String, Long>> parts = new TreeMap<>();
        images.values().forEach(image -> parts.put(image.id(), Map.of("base", SHARED_BYTES, image.id(), OWN_BYTES)));
        return ImageUsage.of(parts);
    }

    private static String normalise(String reference) {
        if (!REFERENCE.matcher(reference).matches()) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "image: %s (expected: a reference such as busybox or host:5000/name:tag)".formatted(reference));
        }
        int slash = reference.indexOf('/');
        String first = slash < 0 ? "" : reference.substring(0, slash);
        boolean hasHost = first.contains(".") || first.contains(":") || first.equals("localhost");
        String full = hasHost ? reference : "docker.io/" + (slash < 0 ? "library/" : "") + reference;
        return full.lastIndexOf(':') > full.lastIndexOf('/') ? full : full + ":latest";
    }

    private static String digest(byte[] data) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(data));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
