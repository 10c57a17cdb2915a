package io.tailrace.runtime.spi;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A difference between a container's files and its image's.
 *
 * @param path absolute
 */
public record FileChange(Kind kind, String path) {
    /** What has become of a path of the image. */
    public enum Kind {
        /** A file with another content or other attributes; a directory in which something has changed. */
        MODIFIED,
        /** It is not in the image. */
        ADDED,
        /** It is in the image only. */
        DELETED
    }

    /**
     * Leaves out where something is mounted: making it a place for that is no change of the container's. Directories above
     * that have changed for nothing else go with it.
     */
    public static List<FileChange> withoutMountPoints(Collection<FileChange> changes, Set<String> mountPoints) {
        Set<String> aboveMounts = new HashSet<>();
        List<FileChange> left = new ArrayList<>();
        for (FileChange change : changes) {
            if (mountPoints.contains(change.path())) {
                aboveMounts.addAll(directoriesAbove(change.path()));
            } else {
                left.add(change);
            }
        }
        left.sort(Comparator.comparingInt((FileChange change) -> change.path().length())
                .reversed());
        Set<String> aboveOthers = new HashSet<>();
        left.removeIf(change -> {
            boolean isForMounts = aboveMounts.contains(change.path()) && !aboveOthers.contains(change.path());
            if (!isForMounts) {
                aboveOthers.addAll(directoriesAbove(change.path()));
            }
            return isForMounts;
        });
        return left;
    }

    private static List<String> directoriesAbove(String path) {
        List<String> directories = new ArrayList<>();
        for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
            directories.add(path.substring(0, slash));
        }
        return directories;
    }
}
