package io.tailrace.runtime.containerd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.containerd.proto.images.CreateImageRequest;
import io.tailrace.runtime.containerd.proto.images.DeleteImageRequest;
import io.tailrace.runtime.containerd.proto.images.GetImageRequest;
import io.tailrace.runtime.containerd.proto.images.ListImagesRequest;
import io.tailrace.runtime.containerd.proto.images.UpdateImageRequest;
import io.tailrace.runtime.containerd.proto.types.Descriptor;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.Image;
import io.tailrace.runtime.spi.ImageUsage;
import io.tailrace.runtime.spi.Images;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** containerd's images. Thread-safe. What a digest leads to is cached, since it cannot change. */
final class ContainerdImages implements Images {
    private static final Logger LOGGER = LoggerFactory.getLogger(ContainerdImages.class);
    private static final Pattern ID = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final Pattern ID_PREFIX = Pattern.compile("(?:sha256:)?([0-9a-f]{12,64})");
    private static final int CACHED_MAX = 256;

    private final Containerd containerd;
    private final Blobs blobs;
    private final Snapshots snapshots;
    private final Unpacking unpacking;
    private final ImageArchive archives;
    private final ImagePull puller;
    private final Map<String, ImageContent> cached = new ConcurrentHashMap<>();

    ContainerdImages(Containerd containerd, ContainerdConfig config, Snapshots snapshots) {
        this.containerd = containerd;
        this.snapshots = snapshots;
        blobs = new Blobs(containerd);
        unpacking = new Unpacking(containerd, snapshots, blobs);
        Path spool = config.dataDirectory().resolve("import");
        archives = new ImageArchive(blobs, spool);
        puller = new ImagePull(config, blobs);
    }

    @Override
    public List<Image> list() {
        Map<String, ImageContent> contents = new LinkedHashMap<>();
        Map<String, List<String>> references = new LinkedHashMap<>();
        for (Named named : names()) {
            contentOf(named).ifPresent(content -> {
                contents.putIfAbsent(content.configDigest(), content);
                references
                        .computeIfAbsent(content.configDigest(), id -> new ArrayList<>())
                        .add(named.name());
            });
        }
        return contents.values().stream()
                .map(content -> content.image(references.getOrDefault(content.configDigest(), List.of())))
                .toList();
    }

    @Override
    public Image get(String reference) {
        String id = find(reference).configDigest();
        return list().stream()
                .filter(image -> image.id().equals(id))
                .findFirst()
                .orElseThrow(() -> absent(reference));
    }

    /** What a reference, id or prefix of an id names. @throws ContainerRuntimeException NOT_FOUND, INVALID_ARGUMENT */
    ImageContent find(String reference) {
        if (!ID.matcher(reference).matches()) {
            Optional<ImageContent> byName = byName(reference);
            if (byName.isPresent()) {
                return byName.get();
            }
        }
        if (!ID_PREFIX.matcher(reference).matches()) {
            throw absent(reference);
        }
        return byId(reference);
    }

    /** Makes sure that an image's layers are unpacked. */
    void unpack(ImageContent content) {
        Failures.calling("unpack " + content.configDigest(), () -> {
            unpacking.unpack(content, ProgressListener.NONE);
            return content;
        });
    }

    @Override
    public Image pull(String reference, ProgressListener progress) {
        ImageReference full = ImageReference.parse(reference);
        puller.pull(full, progress);
        ImageContent content = find(full.toString());
        Failures.calling("unpack " + full, () -> {
            unpacking.unpack(content, progress);
            return content;
        });
        return get(full.toString());
    }

    @Override
    public List<Image> importArchive(InputStream archive, String reference, ProgressListener progress) {
        Optional<ImageReference> name =
                reference.isEmpty() ? Optional.empty() : Optional.of(ImageReference.parse(reference));
        return Failures.calling("import", () -> {
            List<Image> images = new ArrayList<>();
            try (Lease lease = new Lease(containerd)) {
                for (ImageArchive.Loaded loaded : archives.load(archive, name, lease.id(), progress)) {
                    unpacking.unpack(ImageContent.read(blobs, loaded.target().getDigest()), progress);
                    for (String full : loaded.names()) {
                        name(full, loaded.target());
                    }
                    images.add(get(loaded.names().getFirst()));
                }
            }
            return images;
        });
    }

    @Override
    public void remove(String reference) {
        ImageContent content = find(reference);
        boolean isId = byName(reference).isEmpty();
        List<String> names = names().stream()
                .filter(named -> isId
                        ? contentOf(named)
                                .filter(other -> other.configDigest().equals(content.configDigest()))
                                .isPresent()
                        : named.name().equals(ImageReference.parse(reference).toString()))
                .map(Named::name)
                .toList();
        for (String name : names) {
            Failures.calling(
                    "remove image " + name,
                    () -> containerd
                            .images()
                            .delete(DeleteImageRequest.newBuilder()
                                    .setName(name)
                                    .setSync(true)
                                    .build()));
        }
        cached.remove(content.target());
    }

    @Override
    public ImageUsage usage() {
        List<ImageContent> contents =
                names().stream().map(this::contentOf).flatMap(Optional::stream).toList();
        return Failures.calling("disk usage of images", () -> new ImageSizes(blobs, snapshots).of(contents));
    }

    /** Points a name at a target, whatever it pointed at before. */
    private void name(String name, Descriptor target) {
        io.tailrace.runtime.containerd.proto.images.Image image =
                io.tailrace.runtime.containerd.proto.images.Image.newBuilder()
                        .setName(name)
                        .setTarget(target)
                        .build();
        try {
            containerd
                    .images()
                    .create(CreateImageRequest.newBuilder().setImage(image).build());
        } catch (StatusRuntimeException failure) {
            if (!Failures.is(failure, Status.Code.ALREADY_EXISTS)) {
                throw failure;
            }
            containerd
                    .images()
                    .update(UpdateImageRequest.newBuilder().setImage(image).build());
        }
    }

    private record Named(String name, String target) {}

    private List<Named> names() {
        return Failures.calling(
                "list images",
                () -> containerd.images().list(ListImagesRequest.getDefaultInstance()).getImagesList().stream()
                        .map(image ->
                                new Named(image.getName(), image.getTarget().getDigest()))
                        .toList());
    }

    /** Empty for an image that is not, or not wholly, there for this machine: other tools may have put it there. */
    private Optional<ImageContent> contentOf(Named named) {
        try {
            return Optional.of(content(named.target()));
        } catch (ContainerRuntimeException | StatusRuntimeException unusable) {
            LOGGER.debug("image {} is not usable here", named.name(), unusable);
            return Optional.empty();
        }
    }

    private ImageContent content(String target) {
        ImageContent known = cached.get(target);
        if (known != null) {
            return known;
        }
        ImageContent read = ImageContent.read(blobs, target);
        if (cached.size() >= CACHED_MAX) {
            cached.clear();
        }
        cached.put(target, read);
        return read;
    }

    private Optional<ImageContent> byName(String reference) {
        String name;
        try {
            name = ImageReference.parse(reference).toString();
        } catch (ContainerRuntimeException malformed) {
            if (ID_PREFIX.matcher(reference).matches()) {
                return Optional.empty();
            }
            throw malformed;
        }
        try {
            return Optional.of(Failures.calling(
                    "image " + reference,
                    () -> content(containerd
                            .images()
                            .get(GetImageRequest.newBuilder().setName(name).build())
                            .getImage()
                            .getTarget()
                            .getDigest())));
        } catch (ContainerRuntimeException failure) {
            if (failure.code() == Code.NOT_FOUND) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    private ImageContent byId(String reference) {
        String prefix = reference.startsWith("sha256:") ? reference : "sha256:" + reference;
        List<ImageContent> matching = names().stream()
                .map(this::contentOf)
                .flatMap(Optional::stream)
                .filter(content -> content.configDigest().startsWith(prefix)
                        || content.target().startsWith(prefix))
                .distinct()
                .toList();
        if (matching.isEmpty()) {
            throw absent(reference);
        }
        if (matching.stream().map(ImageContent::configDigest).distinct().count() > 1) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "image: %s (expected: an id that names one image only)".formatted(reference));
        }
        return matching.getFirst();
    }

    private static ContainerRuntimeException absent(String reference) {
        return new ContainerRuntimeException(
                Code.NOT_FOUND, "image: %s (expected: one that is present)".formatted(reference));
    }
}
