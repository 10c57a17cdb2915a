package io.tailrace.client;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where a copy goes, and under which name: the rules of {@code docker cp}. */
final class FileCopy {
    private static final int LINKS_MAX = 40;
    private static final int BUFFER_BYTES = 65_536;

    private final FileStreams files;
    private final CopyOptions options;

    FileCopy(FileStreams files, CopyOptions options) {
        this.files = files;
        this.options = options;
    }

    /** @param name what the source's root is called there; empty: only what is in it is copied */
    private record Place(String directory, String name) {}

    void to(Path source, String target) throws IOException {
        Path root = options.followsLink() ? source.toRealPath() : source;
        boolean isDirectory = Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS);
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            throw new NoSuchFileException(source.toString());
        }
        Place place = place(source, isDirectory, target);
        files.write(place.directory(), false, archive -> {
            var buffered = new BufferedOutputStream(archive, BUFFER_BYTES);
            new LocalArchive(buffered, options.keepsOwner()).write(root, place.name());
        });
    }

    private Place place(Path source, boolean isDirectory, String target) {
        String end = target;
        PathStatus there = find(end);
        for (int links = 0; there != null && there.type() == PathStatus.Type.LINK; links++) {
            if (links == LINKS_MAX) {
                throw refused("target", target, "links that lead somewhere");
            }
            end = resolved(end, there.linkTarget());
            there = find(end);
        }
        if (there != null && there.type() == PathStatus.Type.DIRECTORY) {
            return new Place(end, isDirectory && isContents(source) ? "" : base(source));
        }
        if (there != null && isDirectory) {
            throw refused("target", target, "a directory, as what is copied");
        }
        if (!isDirectory && end.endsWith("/")) {
            throw refused("target", target, "a directory that exists");
        }
        String stripped = stripped(end);
        int slash = stripped.lastIndexOf('/');
        return new Place(slash <= 0 ? "/" : stripped.substring(0, slash), stripped.substring(slash + 1));
    }

    private @Nullable PathStatus find(String path) {
        try {
            return files.stat(path);
        } catch (TailraceException e) {
            if (e.code() == ErrorCode.NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }

    void from(String source, Path target) throws IOException {
        files.read(followed(source), (status, archive) -> {
            boolean isDirectory = status.type() == PathStatus.Type.DIRECTORY;
            Path directory;
            String name;
            if (Files.isDirectory(target)) {
                directory = target;
                name = isDirectory && isContents(source) ? "" : nameOf(source, status);
            } else if (isDirectory && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                throw refused("target", target.toString(), "a directory, as what is copied");
            } else {
                Path absolute = target.toAbsolutePath().normalize();
                Path parent = absolute.getParent();
                if (parent == null || !Files.isDirectory(parent)) {
                    throw new NoSuchFileException(String.valueOf(parent));
                }
                directory = parent;
                name = absolute.getFileName().toString();
            }
            new LocalUnpacking(directory, status.name(), name, options.keepsOwner()).unpack(archive);
        });
    }

    /** What a root is called where it is put into a directory. */
    private static String nameOf(String source, PathStatus status) {
        String name = status.name();
        return name.equals("/") || name.equals(".") ? base(Path.of(stripped(source))) : name;
    }

    private String followed(String source) {
        if (!options.followsLink()) {
            return source;
        }
        String end = source;
        for (int links = 0; links < LINKS_MAX; links++) {
            var status = files.stat(end);
            if (status.type() != PathStatus.Type.LINK) {
                return end;
            }
            end = resolved(end, status.linkTarget());
        }
        throw refused("source", source, "links that lead somewhere");
    }

    private static String resolved(String link, String target) {
        if (target.startsWith("/")) {
            return target;
        }
        String stripped = stripped(link);
        return stripped.substring(0, stripped.lastIndexOf('/') + 1) + target;
    }

    private static String stripped(String path) {
        int end = path.length();
        while (end > 1 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(0, end);
    }

    private static boolean isContents(String path) {
        return path.endsWith("/.") || path.equals(".");
    }

    private static boolean isContents(Path path) {
        return path.endsWith(".");
    }

    private static String base(Path path) {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return name == null ? "" : name.toString();
    }

    private static TailraceException refused(String what, String path, String expected) {
        return new TailraceException(
                ErrorCode.INVALID_ARGUMENT, "%s: %s (expected: %s)".formatted(what, path, expected));
    }
}
