package io.tailrace.runtime.containerd;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A container's file tree seen from outside: the directories of an overlay, topmost first, or a single root. Symbolic
 * links are followed inside the tree and never out of it; what is not a regular file is never opened, so a container
 * cannot make its reader block or see a file of the host.
 */
final class FileTree {
    private static final int LINKS_MAX = 40;
    private static final int FILE_BYTES_MAX = 1 << 20;

    private final List<Path> layers;

    FileTree(List<Path> layersTopmostFirst) {
        layers = List.copyOf(layersTopmostFirst);
    }

    /** A small text file's contents; empty if there is no such file. */
    String read(String path) throws IOException {
        Optional<Path> file = find(path);
        if (file.isEmpty() || !Files.isRegularFile(file.get(), LinkOption.NOFOLLOW_LINKS)) {
            return "";
        }
        try (InputStream in = Files.newInputStream(file.get(), LinkOption.NOFOLLOW_LINKS)) {
            return new String(in.readNBytes(FILE_BYTES_MAX), StandardCharsets.UTF_8);
        }
    }

    /** Where a path leads to, links followed. */
    private Optional<Path> find(String path) throws IOException {
        Deque<String> names = new ArrayDeque<>(namesOf(path));
        List<String> directory = new ArrayList<>();
        int links = 0;
        while (!names.isEmpty()) {
            String name = names.removeFirst();
            if (name.equals("..")) {
                if (!directory.isEmpty()) {
                    directory.removeLast();
                }
                continue;
            }
            directory.add(name);
            Optional<Path> found = topmost(directory);
            if (found.isEmpty()) {
                return found;
            }
            if (Files.isSymbolicLink(found.get())) {
                if (++links > LINKS_MAX) {
                    return Optional.empty();
                }
                String target = Files.readSymbolicLink(found.get()).toString();
                directory.removeLast();
                if (target.startsWith("/")) {
                    directory.clear();
                }
                List<String> targetNames = namesOf(target);
                for (int index = targetNames.size() - 1; index >= 0; index--) {
                    names.addFirst(targetNames.get(index));
                }
            } else if (names.isEmpty()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** The uppermost layer's entry of these names, none of which but the last may be a link. */
    private Optional<Path> topmost(List<String> names) throws IOException {
        for (Path layer : layers) {
            Path entry = layer;
            boolean isWhiteout = false;
            for (String name : names) {
                entry = entry.resolve(name);
                isWhiteout = isWhiteout || isWhiteout(entry);
            }
            if (isWhiteout) {
                return Optional.empty();
            }
            if (Files.exists(entry, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    /** Overlay file systems mark what an upper layer deleted by a character device 0:0. */
    private static boolean isWhiteout(Path entry) throws IOException {
        return Files.exists(entry, LinkOption.NOFOLLOW_LINKS)
                && !Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)
                && !Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)
                && !Files.isSymbolicLink(entry)
                && (long) Files.getAttribute(entry, "unix:rdev", LinkOption.NOFOLLOW_LINKS) == 0;
    }

    private static List<String> namesOf(String path) {
        return List.of(path.split("/")).stream()
                .filter(name -> !name.isEmpty() && !name.equals("."))
                .toList();
    }
}
