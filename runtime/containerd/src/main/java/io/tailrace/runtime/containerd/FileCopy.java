package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Copies a directory of a file tree with all that is in it: owners, modes, times, and which names are one file. Sockets and
 * devices are left out. Not thread-safe; one object copies once.
 */
final class FileCopy {
    private static final long COPY_SECONDS_MAX = 600;
    private static final int PERMISSIONS = 07777;

    /** The copies of files that have several names, by the originals' device and number. */
    private final Map<String, Path> linked = new HashMap<>();

    private final long deadlineNanos = System.nanoTime() + COPY_SECONDS_MAX * 1_000_000_000L;

    /** Copies what is in a directory into one that is there and empty, and then gives that its attributes. */
    void copy(FileTree.Directory source, Path target) throws IOException {
        for (Map.Entry<String, Path> entry : source.entries().entrySet()) {
            Path copy = target.resolve(entry.getKey());
            Optional<FileTree.Directory> directory = source.directory(entry.getKey());
            if (directory.isPresent()) {
                Files.createDirectory(copy);
                copy(directory.get(), copy);
            } else {
                copyFile(entry.getValue(), copy);
            }
        }
        copyAttributes(source.attributes(), target);
    }

    private void copyFile(Path source, Path copy) throws IOException {
        if (System.nanoTime() > deadlineNanos) {
            throw new ContainerRuntimeException(
                    Code.DEADLINE_EXCEEDED,
                    "the image's files were not copied into the volume within %d s".formatted(COPY_SECONDS_MAX));
        }
        if (Files.isSymbolicLink(source)) {
            Files.createSymbolicLink(copy, Files.readSymbolicLink(source));
            copyOwner(source, copy);
            return;
        }
        int mode = (int) attribute(source, "mode");
        boolean isFifo = (mode & Linux.S_IFMT) == Linux.S_IFIFO;
        if (!isFifo && !Files.isRegularFile(source, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Path earlier = (int) attribute(source, "nlink") == 1
                ? null
                : linked.putIfAbsent(attribute(source, "dev") + ":" + attribute(source, "ino"), copy);
        if (earlier != null) {
            Files.createLink(copy, earlier);
            return;
        }
        if (isFifo) {
            Linux.makeFifo(copy);
            copyAttributes(source, copy);
        } else {
            // With its owner, and what is attached to it beside that: another change of the owner would take that away.
            Files.copy(source, copy, LinkOption.NOFOLLOW_LINKS, StandardCopyOption.COPY_ATTRIBUTES);
            copyMode(source, copy);
        }
    }

    /** Gives a file or directory the owner, mode and time of another. */
    static void copyAttributes(Path source, Path target) throws IOException {
        copyOwner(source, target);
        copyMode(source, target);
        FileTime time = Files.getLastModifiedTime(source, LinkOption.NOFOLLOW_LINKS);
        Files.setLastModifiedTime(target, time);
    }

    /** After the owner: to change that takes the bits of setuid and setgid away. */
    private static void copyMode(Path source, Path target) throws IOException {
        Files.setAttribute(target, "unix:mode", (int) attribute(source, "mode") & PERMISSIONS);
    }

    private static void copyOwner(Path source, Path target) throws IOException {
        Files.setAttribute(target, "unix:uid", attribute(source, "uid"), LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(target, "unix:gid", attribute(source, "gid"), LinkOption.NOFOLLOW_LINKS);
    }

    private static Object attribute(Path file, String name) throws IOException {
        return Files.getAttribute(file, "unix:" + name, LinkOption.NOFOLLOW_LINKS);
    }
}
