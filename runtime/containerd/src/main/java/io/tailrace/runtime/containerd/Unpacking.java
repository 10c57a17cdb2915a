package io.tailrace.runtime.containerd;

import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.containerd.proto.diff.ApplyRequest;
import io.tailrace.runtime.containerd.proto.types.Descriptor;
import io.tailrace.runtime.containerd.proto.types.Mount;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.Images.Progress;
import io.tailrace.runtime.spi.Images.ProgressListener;
import java.util.List;
import java.util.UUID;

/** Turns an image's layers into snapshots, one on top of the other, skipping those that exist. */
final class Unpacking {
    private final Containerd containerd;
    private final Snapshots snapshots;
    private final Blobs blobs;

    Unpacking(Containerd containerd, Snapshots snapshots, Blobs blobs) {
        this.containerd = containerd;
        this.snapshots = snapshots;
        this.blobs = blobs;
    }

    /** Makes sure that the snapshot of an image exists and stays as long as the image. */
    void unpack(ImageContent content, ProgressListener progress) {
        if (content.layers().size() != content.diffIds().size()) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "image %s: %d layers (expected: %d, as its configuration says)"
                            .formatted(
                                    content.configDigest(),
                                    content.layers().size(),
                                    content.diffIds().size()));
        }
        if (content.layers().isEmpty() || snapshots.exists(content.chainId())) {
            content.layers().forEach(layer -> done(layer, progress));
            keepWithImage(content);
            return;
        }
        try (Lease lease = new Lease(containerd)) {
            for (int index = 0; index < content.layers().size(); index++) {
                layer(content, index, lease.id(), progress);
            }
            keepWithImage(content);
        }
    }

    /** By this label containerd's collector finds from an image to its snapshot. */
    private void keepWithImage(ImageContent content) {
        if (!content.layers().isEmpty()) {
            blobs.label(
                    content.configDigest(),
                    "containerd.io/gc.ref.snapshot." + snapshots.snapshotter(),
                    content.chainId());
        }
    }

    private void layer(ImageContent content, int index, String lease, ProgressListener progress) {
        Descriptor layer = content.layers().get(index);
        String parent = ChainId.of(content.diffIds().subList(0, index));
        String chain = ChainId.of(content.diffIds().subList(0, index + 1));
        progress.progressed(new Progress(layer.getDigest(), "unpacking", 0, layer.getSize()));
        if (!snapshots.exists(chain)) {
            String key = "tailrace-unpack-" + UUID.randomUUID();
            List<Mount> mounts = snapshots.prepareLeased(key, parent, lease);
            try {
                apply(layer, mounts, content.diffIds().get(index));
                snapshots.commit(key, chain, lease);
            } catch (StatusRuntimeException | ContainerRuntimeException failure) {
                snapshots.remove(key);
                throw failure;
            }
        }
        done(layer, progress);
    }

    private static void done(Descriptor layer, ProgressListener progress) {
        progress.progressed(new Progress(layer.getDigest(), "done", layer.getSize(), layer.getSize()));
    }

    private void apply(Descriptor layer, List<Mount> mounts, String diffId) {
        String applied = containerd
                .diff()
                .apply(ApplyRequest.newBuilder()
                        .setDiff(layer)
                        .addAllMounts(mounts)
                        .build())
                .getApplied()
                .getDigest();
        if (!applied.equals(diffId)) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "layer %s: unpacks to %s (expected: %s, as the image's configuration says)"
                            .formatted(layer.getDigest(), applied, diffId));
        }
    }
}
