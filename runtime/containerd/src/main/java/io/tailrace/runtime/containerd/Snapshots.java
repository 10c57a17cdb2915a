package io.tailrace.runtime.containerd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.containerd.proto.snapshots.CommitSnapshotRequest;
import io.tailrace.runtime.containerd.proto.snapshots.MountsRequest;
import io.tailrace.runtime.containerd.proto.snapshots.PrepareSnapshotRequest;
import io.tailrace.runtime.containerd.proto.snapshots.RemoveSnapshotRequest;
import io.tailrace.runtime.containerd.proto.snapshots.SnapshotsGrpc.SnapshotsBlockingStub;
import io.tailrace.runtime.containerd.proto.snapshots.StatSnapshotRequest;
import io.tailrace.runtime.containerd.proto.snapshots.UsageRequest;
import io.tailrace.runtime.containerd.proto.types.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** containerd's snapshots: committed ones are unpacked layers, named by chain id; active ones are writable. */
final class Snapshots {
    private static final Logger log = LoggerFactory.getLogger(Snapshots.class);

    /** What has this label is not collected, whether or not something refers to it. */
    private static final Map<String, String> KEPT = Map.of("containerd.io/gc.root", "tailrace");

    /** Where a new snapshot was to be put, as containerd says it; of a number that it has not given to any other. */
    private static final Pattern RENAME =
            Pattern.compile("failed to rename: rename (/\\S+)/new-\\d+ \\1/(\\d+): file exists");

    private final Containerd containerd;
    private final String snapshotter;

    Snapshots(Containerd containerd, String snapshotter) {
        this.containerd = containerd;
        this.snapshotter = snapshotter;
    }

    String snapshotter() {
        return snapshotter;
    }

    /** A writable snapshot that stays until it is removed. @throws StatusRuntimeException NOT_FOUND for the parent */
    List<Mount> prepare(String key, String parent) {
        return prepare(containerd.snapshots(), key, parent, KEPT);
    }

    /** A writable snapshot that a lease keeps. */
    List<Mount> prepareLeased(String key, String parent, String lease) {
        return prepare(Containerd.leased(containerd.snapshots(), lease), key, parent, Map.of());
    }

    private List<Mount> prepare(SnapshotsBlockingStub stub, String key, String parent, Map<String, String> labels) {
        PrepareSnapshotRequest request = PrepareSnapshotRequest.newBuilder()
                .setSnapshotter(snapshotter)
                .setKey(key)
                .setParent(parent)
                .putAllLabels(labels)
                .build();
        try {
            return stub.prepare(request).getMountsList();
        } catch (StatusRuntimeException failure) {
            if (!isRemnantMovedAway(failure)) {
                throw failure;
            }
            return stub.prepare(request).getMountsList();
        }
    }

    /**
     * Moves a directory away that stands where the new one is to be. A containerd that is killed while it makes a snapshot leaves
     * one behind that its records know nothing of; it then gives every next snapshot the same number, and fails, until it clears
     * up, which it does not before some snapshot is removed. Under its new name it is cleared up like any other.
     */
    private static boolean isRemnantMovedAway(StatusRuntimeException failure) {
        Matcher rename = RENAME.matcher(Failures.description(failure));
        if (!rename.find()) {
            return false;
        }
        Path directory = Path.of(rename.group(1));
        Path remnant = directory.resolve(rename.group(2));
        try {
            Files.move(
                    remnant,
                    directory.resolve("rm-" + rename.group(2) + "-" + UUID.randomUUID()),
                    StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return true; // containerd was quicker, or another call of this kind
        } catch (IOException e) {
            log.warn("what a killed containerd left at {} cannot be moved away", remnant, e);
            return false;
        }
        log.info("moved away what a killed containerd left at {}", remnant);
        return true;
    }

    List<Mount> mounts(String key) {
        return containerd
                .snapshots()
                .mounts(MountsRequest.newBuilder()
                        .setSnapshotter(snapshotter)
                        .setKey(key)
                        .build())
                .getMountsList();
    }

    /** Makes a writable snapshot a read-only one; if that exists by now, this one is dropped. */
    void commit(String key, String name, String lease) {
        try {
            Containerd.leased(containerd.snapshots(), lease)
                    .commit(CommitSnapshotRequest.newBuilder()
                            .setSnapshotter(snapshotter)
                            .setKey(key)
                            .setName(name)
                            .build());
        } catch (StatusRuntimeException failure) {
            if (!Failures.is(failure, Status.Code.ALREADY_EXISTS)) {
                throw failure;
            }
            remove(key);
        }
    }

    boolean exists(String name) {
        try {
            containerd
                    .snapshots()
                    .stat(StatSnapshotRequest.newBuilder()
                            .setSnapshotter(snapshotter)
                            .setKey(name)
                            .build());
            return true;
        } catch (StatusRuntimeException failure) {
            if (Failures.is(failure, Status.Code.NOT_FOUND)) {
                return false;
            }
            throw failure;
        }
    }

    /** What its own files take on the disk, without those of its parents; 0 for one that is not there. */
    long usageBytes(String key) {
        try {
            return containerd
                    .snapshots()
                    .usage(UsageRequest.newBuilder()
                            .setSnapshotter(snapshotter)
                            .setKey(key)
                            .build())
                    .getSize();
        } catch (StatusRuntimeException failure) {
            if (Failures.is(failure, Status.Code.NOT_FOUND)) {
                return 0;
            }
            throw failure;
        }
    }

    /** Removing what is gone is no error. */
    void remove(String key) {
        try {
            containerd
                    .snapshots()
                    .remove(RemoveSnapshotRequest.newBuilder()
                            .setSnapshotter(snapshotter)
                            .setKey(key)
                            .build());
        } catch (StatusRuntimeException failure) {
            if (!Failures.is(failure, Status.Code.NOT_FOUND)) {
                throw failure;
            }
        }
    }

    /** The directories that make up a snapshot's file tree. */
    static FileTree tree(List<Mount> mounts) {
        return new FileTree(layers(mounts));
    }

    /** Topmost first; the first is the snapshot's own. */
    static List<Path> layers(List<Mount> mounts) {
        List<Path> layers = new ArrayList<>();
        for (Mount mount : mounts) {
            if (mount.getType().equals("bind")) {
                layers.add(Path.of(mount.getSource()));
            }
            for (String option : mount.getOptionsList()) {
                if (option.startsWith("upperdir=")) {
                    layers.addFirst(Path.of(option.substring("upperdir=".length())));
                } else if (option.startsWith("lowerdir=")) {
                    for (String layer : option.substring("lowerdir=".length()).split(":")) {
                        layers.add(Path.of(layer));
                    }
                }
            }
        }
        return layers;
    }
}
