package io.tailrace.runtime.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Fills an empty volume with what an image has. The copy is made beside it, and what is in the copy moved into it when all is
 * there: the directory itself stays the one that containers may have mounted already, and a server that is killed meanwhile
 * leaves it either empty, or with a whole copy whose move is ended later.
 *
 * @param directory the volume's own
 * @param data the one in it that containers see
 * @param aside where {@link TreeRemoval} may put what is dropped
 */
record VolumeFilling(Path directory, Path data, Path aside) {
    private Path half() {
        return directory.resolve("filling");
    }

    private Path whole() {
        return directory.resolve("filled");
    }

    void fill(FileTree image, String path) throws IOException {
        finish();
        Optional<FileTree.Directory> source = image.directory(path);
        if (source.isEmpty() || !entries(data).isEmpty()) {
            return;
        }
        try {
            Files.createDirectory(half());
            new FileCopy().copy(source.get(), half());
        } catch (IOException | RuntimeException failure) {
            drop(half());
            throw failure;
        }
        Files.move(half(), whole(), StandardCopyOption.ATOMIC_MOVE);
        finish();
    }

    /** Ends what a server that was killed has begun. */
    void finish() throws IOException {
        drop(half());
        if (!Files.isDirectory(whole(), LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        for (Path entry : entries(whole())) {
            Path target = data.resolve(entry.getFileName().toString());
            // A container may have it already and have been quicker.
            if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                Files.move(entry, target, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        FileCopy.copyAttributes(whole(), data);
        drop(whole());
    }

    private void drop(Path tree) throws IOException {
        if (Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
            // Where what is left of it is found, if it is not removed to its end.
            Path removed = TreeRemoval.newName(aside);
            Files.move(tree, removed, StandardCopyOption.ATOMIC_MOVE);
            TreeRemoval.remove(removed, aside);
        }
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }
}
