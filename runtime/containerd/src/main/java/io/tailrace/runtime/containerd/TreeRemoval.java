package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;

/**
 * Removes trees that containers have filled and that nobody uses any more. However deep one is: what lies deeper than a few
 * levels is moved aside first, so that no path gets longer than the kernel takes.
 */
final class TreeRemoval {
    /** Begins the names of what is to be removed: whoever finds one removes it. */
    static final String PREFIX = ".removed-";

    private static final int DEPTH_MAX = 8;
    private static final long REMOVAL_SECONDS_MAX = 600;

    private final Deque<Path> trees = new ArrayDeque<>();
    private final long deadlineNanos = System.nanoTime() + REMOVAL_SECONDS_MAX * 1_000_000_000L;

    private final Path aside;

    private TreeRemoval(Path aside) {
        this.aside = aside;
    }

    /** A new name for a tree in a directory, under which nobody takes it for what it was. */
    static Path newName(Path directory) {
        return directory.resolve(PREFIX + UUID.randomUUID());
    }

    /**
     * Removes one.
     *
     * @param tree a directory; if it is not there, nothing happens
     * @param aside where parts of it may stand for a while, on the same file system
     */
    static void remove(Path tree, Path aside) throws IOException {
        if (!Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        TreeRemoval removal = new TreeRemoval(aside);
        removal.trees.add(tree);
        while (!removal.trees.isEmpty()) {
            removal.remove(removal.trees.removeFirst(), 0);
        }
    }

    private void remove(Path directory, int depth) throws IOException {
        while (true) {
            try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
                for (Path child : children) {
                    removeChild(child, depth);
                }
            }
            try {
                Files.deleteIfExists(directory);
                return;
            } catch (DirectoryNotEmptyException more) {
                // Not every file system lists all while it loses some: look again.
                check(directory);
            }
        }
    }

    private void removeChild(Path child, int depth) throws IOException {
        check(child);
        if (!Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(child);
        } else if (depth < DEPTH_MAX) {
            remove(child, depth + 1);
        } else {
            Path moved = newName(aside);
            Files.move(child, moved);
            trees.add(moved);
        }
    }

    private void check(Path path) {
        if (System.nanoTime() > deadlineNanos) {
            throw new ContainerRuntimeException(
                    Code.DEADLINE_EXCEEDED,
                    "%s was not removed within %d s; it is when the server starts"
                            .formatted(path, REMOVAL_SECONDS_MAX));
        }
    }
}
