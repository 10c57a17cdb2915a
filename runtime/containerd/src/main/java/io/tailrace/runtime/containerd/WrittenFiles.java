package io.tailrace.runtime.containerd;

import io.tailrace.runtime.containerd.proto.types.Mount;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.FileChange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a container has written, in the snapshot that is its file system. @param stored its record in containerd */
record WrittenFiles(Snapshots snapshots, StoredContainer stored, String id) {
    /** @throws ContainerRuntimeException UNSUPPORTED where the snapshotter makes no overlay */
    List<FileChange> changes() {
        List<Mount> mounts = Failures.calling("changes of container " + id, () -> snapshots.mounts(id));
        try {
            List<FileChange> found = new OverlayChanges(layers(mounts), id).find();
            return FileChange.withoutMountPoints(
                    found, Failures.calling("changes of container " + id, stored::mountPoints));
        } catch (IOException failure) {
            throw Failures.of("changes of container " + id, failure);
        }
    }

    /** Topmost first. An image without layers has no overlay either, only the container's own directory. */
    private List<Path> layers(List<Mount> mounts) {
        boolean isOverlay = mounts.size() == 1 && mounts.getFirst().getType().equals("overlay");
        if (!isOverlay && !snapshots.snapshotter().equals("overlayfs")) {
            throw new ContainerRuntimeException(
                    Code.UNSUPPORTED,
                    "changes of container %s: snapshotter %s does not tell them (expected: overlayfs)"
                            .formatted(id, snapshots.snapshotter()));
        }
        return new ArrayList<>(Snapshots.layers(mounts));
    }

    long writtenBytes() {
        return Failures.calling("disk usage of container " + id, () -> snapshots.usageBytes(id));
    }
}
