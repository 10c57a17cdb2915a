package io.tailrace.runtime.containerd;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A container's file tree seen from outside: the directories of an overlay, topmost first, or a single root. Symbolic
 * links are followed inside the tree and never out of it; what is not a regular file is never opened, so a container
 * cannot make its reader block or see a file of the host.
 */
final class FileTree {
    private static final int LINKS_MAX = 40;
    private static final int FILE_BYTES_MAX = 1 << 20;

    /** How overlay file systems mark a directory that hides those of its name in lower layers. */
    private static final String OPAQUE = "trusted.overlay.opaque";

    private final List<Path> layers;

    FileTree(List<Path> layersTopmostFirst) {
        layers = List.copyOf(layersTopmostFirst);
    }

    /** A small text file's contents; empty if there is no such file. */
    String read(String path) throws IOException {
        Optional<Path> file = resolve(path).flatMap(names -> topmost(names));
        if (file.isEmpty() || !Files.isRegularFile(file.get(), LinkOption.NOFOLLOW_LINKS)) {
            return "";
        }
        try (InputStream in = Files.newInputStream(file.get(), LinkOption.NOFOLLOW_LINKS)) {
            return new String(in.readNBytes(FILE_BYTES_MAX), StandardCharsets.UTF_8);
        }
    }

    /** The directory that a path leads to, links followed; empty if it leads to none. */
    Optional<Directory> directory(String path) throws IOException {
        return resolve(path).flatMap(this::directory);
    }

    private Optional<Directory> directory(List<String> names) {
        return topmost(names)
                .filter(top -> Files.isDirectory(top, LinkOption.NOFOLLOW_LINKS))
                .map(top -> new Directory(names, top));
    }

    /** A directory of this tree. */
    final class Directory {
        private final List<String> names;
        private final Path top;

        private Directory(List<String> names, Path top) {
            this.names = names;
            this.top = top;
        }

        /** Where its owner, mode and times are. */
        Path attributes() {
            return top;
        }

        /** What is in it, by name, each where the uppermost layer that has it has it. */
        Map<String, Path> entries() throws IOException {
            Map<String, Path> entries = new TreeMap<>();
            Set<String> decided = new HashSet<>();
            for (Path layer : seen(names)) {
                try (DirectoryStream<Path> children = Files.newDirectoryStream(layer)) {
                    for (Path child : children) {
                        String name = child.getFileName().toString();
                        if (decided.add(name) && !isWhiteout(child)) {
                            entries.put(name, child);
                        }
                    }
                }
            }
            return entries;
        }

        /** A directory in it. */
        Optional<Directory> directory(String name) {
            List<String> below = new ArrayList<>(names);
            below.add(name);
            return FileTree.this.directory(below);
        }
    }

    /** The names on the way to where a path leads, none of them a link; empty if it leads nowhere. */
    private Optional<List<String>> resolve(String path) throws IOException {
        Deque<String> names = new ArrayDeque<>(namesOf(path));
        List<String> found = new ArrayList<>();
        int links = 0;
        while (!names.isEmpty()) {
            String name = names.removeFirst();
            if (name.equals("..")) {
                if (!found.isEmpty()) {
                    found.removeLast();
                }
                continue;
            }
            found.add(name);
            Optional<Path> entry = topmost(found);
            if (entry.isEmpty()) {
                return Optional.empty();
            }
            if (Files.isSymbolicLink(entry.get())) {
                if (++links > LINKS_MAX) {
                    return Optional.empty();
                }
                String target = Files.readSymbolicLink(entry.get()).toString();
                found.removeLast();
                if (target.startsWith("/")) {
                    found.clear();
                }
                List<String> targetNames = namesOf(target);
                for (int index = targetNames.size() - 1; index >= 0; index--) {
                    names.addFirst(targetNames.get(index));
                }
            }
        }
        return Optional.of(found);
    }

    /** Whether there is an entry of these names, none of which is followed where it is a link. */
    boolean has(List<String> names) {
        return topmost(names).isPresent();
    }

    /** Whether a directory hides what layers below have in one of its name. */
    static boolean isOpaque(Path directory) {
        return Linux.hasAttribute(directory, OPAQUE, "y");
    }

    /** The uppermost layer's entry of these names, none of which but the last may be a link. */
    private Optional<Path> topmost(List<String> names) {
        return seen(names).stream().findFirst();
    }

    /** What the layers have of these names, topmost first, as far as an upper one does not hide the lower ones. */
    private List<Path> seen(List<String> names) {
        List<Path> seen = new ArrayList<>();
        for (Path layer : layers) {
            Path entry = layer;
            boolean hidesLower = false;
            boolean isThere = true;
            for (int index = 0; isThere && index < names.size(); index++) {
                entry = entry.resolve(names.get(index));
                if (!Files.exists(entry, LinkOption.NOFOLLOW_LINKS)) {
                    isThere = false;
                } else if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    hidesLower |= isOpaque(entry);
                } else {
                    hidesLower = true;
                    isThere = index == names.size() - 1 && seen.isEmpty() && !isWhiteout(entry);
                }
            }
            if (isThere) {
                seen.add(entry);
            }
            if (hidesLower) {
                break;
            }
        }
        return seen;
    }

    /** Overlay file systems mark what an upper layer deleted by a character device 0:0. */
    static boolean isWhiteout(Path entry) {
        try {
            return !Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)
                    && !Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)
                    && !Files.isSymbolicLink(entry)
                    && (long) Files.getAttribute(entry, "unix:rdev", LinkOption.NOFOLLOW_LINKS) == 0
                    && isCharacterDevice((int) Files.getAttribute(entry, "unix:mode", LinkOption.NOFOLLOW_LINKS));
        } catch (IOException gone) {
            return true;
        }
    }

    private static boolean isCharacterDevice(int mode) {
        return (mode & Linux.S_IFMT) == Linux.S_IFCHR;
    }

    private static List<String> namesOf(String path) {
        return List.of(path.split("/")).stream()
                .filter(name -> !name.isEmpty() && !name.equals("."))
                .toList();
    }
}
