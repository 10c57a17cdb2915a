package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.FileChange;
import io.tailrace.runtime.spi.FileChange.Kind;
import io.tailrace.runtime.spi.RuntimeContainer;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells what a container has changed by what the uppermost directory of its overlay holds: all that was written, and marks
 * for what was deleted. The image is not read but for whether it has a path. Files come and go meanwhile; for one thread.
 */
final class OverlayChanges extends SimpleFileVisitor<Path> {
    private final String id;
    private final Path upper;
    private final List<Path> lower;
    private final FileTree image;
    private final List<FileChange> found = new ArrayList<>();

    /** @param layers topmost first: the container's own, then the image's. @param id of the container, for messages */
    OverlayChanges(List<Path> layers, String id) {
        this.id = id;
        upper = layers.getFirst();
        lower = layers.subList(1, layers.size());
        image = new FileTree(lower);
    }

    /** @throws ContainerRuntimeException RESOURCE_EXHAUSTED if there are too many */
    List<FileChange> find() throws IOException {
        Files.walkFileTree(upper, this);
        return found;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
        List<String> names = names(directory);
        if (names.isEmpty()) {
            return FileVisitResult.CONTINUE;
        }
        boolean isInImage = image.has(names);
        add(isInImage ? Kind.MODIFIED : Kind.ADDED, names);
        if (isInImage && FileTree.isOpaque(directory)) {
            addHidden(directory, names);
        }
        return FileVisitResult.CONTINUE;
    }

    /** A directory that took the place of another has none of what the image has in it. */
    private void addHidden(Path directory, List<String> names) throws IOException {
        Set<String> hidden = new HashSet<>();
        for (Path layer : lower) {
            Path below = layer;
            boolean isThere = !names.isEmpty();
            for (String name : names) {
                below = below.resolve(name);
                isThere = isThere && Files.isDirectory(below, LinkOption.NOFOLLOW_LINKS);
            }
            if (isThere) {
                hidden.addAll(entries(below));
            }
        }
        for (String name : hidden) {
            List<String> all = new ArrayList<>(names);
            all.add(name);
            if (image.has(all) && !Files.exists(directory.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                add(Kind.DELETED, all);
            }
        }
    }

    private static List<String> entries(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (NotDirectoryException | NoSuchFileException e) {
            return List.of();
        }
        return names;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        List<String> names = names(file);
        boolean isInImage = image.has(names);
        if (!FileTree.isWhiteout(file)) {
            add(isInImage ? Kind.MODIFIED : Kind.ADDED, names);
        } else if (isInImage) {
            add(Kind.DELETED, names);
        }
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
        if (failure instanceof NoSuchFileException) {
            return FileVisitResult.CONTINUE; // deleted meanwhile
        }
        throw failure;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) throws IOException {
        if (failure != null && !(failure instanceof NoSuchFileException)) {
            throw failure;
        }
        return FileVisitResult.CONTINUE;
    }

    private List<String> names(Path path) {
        List<String> names = new ArrayList<>();
        upper.relativize(path).forEach(name -> names.add(name.toString()));
        names.remove("");
        return names;
    }

    private void add(Kind kind, List<String> names) {
        if (found.size() >= RuntimeContainer.CHANGES_MAX) {
            throw new ContainerRuntimeException(
                    Code.RESOURCE_EXHAUSTED,
                    "changes of container %s: more than %d (expected: at most that)"
                            .formatted(id, RuntimeContainer.CHANGES_MAX));
        }
        found.add(new FileChange(kind, "/" + String.join("/", names)));
    }
}
