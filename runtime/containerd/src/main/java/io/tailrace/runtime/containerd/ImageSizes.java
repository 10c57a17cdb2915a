package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ImageUsage;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/** What images take on the disk: their blobs, and their layers unpacked. For one thread, and one question. */
final class ImageSizes {
    private final Blobs blobs;
    private final Snapshots snapshots;
    private final Map<String, Long> known = new HashMap<>();

    ImageSizes(Blobs blobs, Snapshots snapshots) {
        this.blobs = blobs;
        this.snapshots = snapshots;
    }

    ImageUsage of(Iterable<ImageContent> images) {
        Map<String, Map<String, Long>> parts = new LinkedHashMap<>();
        for (ImageContent image : images) {
            Map<String, Long> own = parts.computeIfAbsent(image.configDigest(), absent -> new HashMap<>());
            blob(own, image.target());
            blob(own, image.configDigest());
            image.layers().forEach(layer -> blob(own, layer.getDigest()));
            List<String> layers = image.diffIds();
            for (int count = 1; count <= layers.size(); count++) {
                add(own, ChainId.of(layers.subList(0, count)), snapshots::usageBytes);
            }
        }
        return ImageUsage.of(parts);
    }

    private void blob(Map<String, Long> parts, String digest) {
        add(parts, "blob " + digest, part -> blobs.sizeBytes(digest));
    }

    private void add(Map<String, Long> parts, String part, ToLongFunction<String> size) {
        parts.put(part, known.computeIfAbsent(part, size::applyAsLong));
    }
}
