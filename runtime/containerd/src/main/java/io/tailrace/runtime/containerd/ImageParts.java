package io.tailrace.runtime.containerd;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tailrace.runtime.containerd.proto.types.Descriptor;
import io.tailrace.runtime.spi.Images.Progress;
import io.tailrace.runtime.spi.Images.ProgressListener;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Stores images part by part. An image that has no manifest is given one. */
final class ImageParts {
    static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
    private static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";

    private final ObjectMapper json = new ObjectMapper();
    private final ContentStore blobs;

    ImageParts(ContentStore blobs) {
        this.blobs = blobs;
    }

    /** A part of an image: a blob and what it is stored from. */
    record Part(Descriptor descriptor, Map<String, String> labels, Source source) {}

    /** Opens what a part is stored from. */
    @FunctionalInterface
    interface Source {
        InputStream open() throws IOException;
    }

    /** Stores an image given by its configuration and layers, under a manifest made for it. */
    Descriptor put(byte[] config, List<Part> layers, String lease, ProgressListener progress) throws IOException {
        Descriptor configDescriptor = described(CONFIG_TYPE, config);
        List<Descriptor> layerDescriptors =
                layers.stream().map(Part::descriptor).toList();
        ObjectNode manifest = json.createObjectNode();
        manifest.put("schemaVersion", 2);
        manifest.put("mediaType", MANIFEST_TYPE);
        manifest.set("config", node(configDescriptor));
        ArrayNode array = manifest.putArray("layers");
        layerDescriptors.forEach(layer -> array.add(node(layer)));
        byte[] manifestBytes = json.writeValueAsBytes(manifest);
        Descriptor target = described(MANIFEST_TYPE, manifestBytes);
        put(layers, lease, progress);
        blobs.write(configDescriptor.getDigest(), config, Map.of(), lease);
        blobs.write(target.getDigest(), manifestBytes, references(configDescriptor, layerDescriptors), lease);
        return target;
    }

    /** Stores parts that are given. */
    void put(List<Part> parts, String lease, ProgressListener progress) throws IOException {
        for (Part part : parts) {
            Descriptor descriptor = part.descriptor();
            try (InputStream in = part.source().open()) {
                blobs.write(
                        descriptor.getDigest(),
                        in,
                        descriptor.getSize(),
                        part.labels(),
                        lease,
                        doneBytes -> progress.progressed(
                                new Progress(descriptor.getDigest(), "downloading", doneBytes, descriptor.getSize())));
            }
        }
    }

    /** The labels by which containerd's collector finds from a manifest to its parts. */
    static Map<String, String> references(Descriptor config, List<Descriptor> layers) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("containerd.io/gc.ref.content.config", config.getDigest());
        for (int index = 0; index < layers.size(); index++) {
            labels.put(
                    "containerd.io/gc.ref.content.l." + index, layers.get(index).getDigest());
        }
        return labels;
    }

    private ObjectNode node(Descriptor descriptor) {
        return json.createObjectNode()
                .put("mediaType", descriptor.getMediaType())
                .put("digest", descriptor.getDigest())
                .put("size", descriptor.getSize());
    }

    private static Descriptor described(String mediaType, byte[] bytes) {
        return Descriptor.newBuilder()
                .setMediaType(mediaType)
                .setDigest(Digests.of(bytes))
                .setSize(bytes.length)
                .build();
    }
}
