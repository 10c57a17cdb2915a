package io.tailrace.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Unpacks an archive that came out of a container into a directory of this machine. The container may mean harm: no name leads
 * out of the directory, no link on the way is followed, and without owners kept no file runs with another user's rights. For
 * one thread.
 */
final class LocalUnpacking {
    private static final int COPY_BYTES = 65_536;
    /** The unit in which common file systems keep files. */
    private static final int BLOCK_BYTES = 4_096;

    private static final byte[] ZEROS = new byte[BLOCK_BYTES];
    private static final int PERMISSIONS = 07777;
    private static final int BITS_OF_OWNERS = 06000;

    private final Path directory;
    private final String base;
    private final String name;
    private final boolean keepsOwner;
    private final Deque<Open> open = new ArrayDeque<>();

    /** A directory whose mode and time are set when all that is in it is there. */
    private record Open(Path path, int mode, FileTime time) {}

    /** @param base what the archive calls its root @param name what it is called here; empty: only what is in it */
    LocalUnpacking(Path directory, String base, String name, boolean keepsOwner) {
        this.directory = directory;
        this.base = base;
        this.name = name;
        this.keepsOwner = keepsOwner;
    }

    /** Reads it to its end. */
    void unpack(InputStream archive) throws IOException {
        var tar = new TarArchiveInputStream(archive, "UTF-8");
        for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            Path path = path(entry.getName());
            if (path.equals(directory)) {
                continue; // It is there, and stays as it is.
            }
            while (!open.isEmpty() && !path.startsWith(open.peek().path())) {
                leave(open.pop());
            }
            requireParents(path);
            make(entry, tar, path);
        }
        while (!open.isEmpty()) {
            leave(open.pop());
        }
    }

    /** Where an entry goes. */
    private Path path(String entryName) throws IOException {
        List<String> parts = new ArrayList<>(Arrays.asList(entryName.split("/")));
        parts.removeIf(part -> part.isEmpty() || part.equals("."));
        if (parts.contains("..")) {
            throw new IOException("a name in the archive leads out of it: " + entryName);
        }
        boolean isWhole = base.equals("/") || base.equals(".");
        if (!isWhole) {
            if (parts.isEmpty() || !parts.getFirst().equals(base)) {
                throw new IOException("a name in the archive does not begin with %s: %s".formatted(base, entryName));
            }
            parts.removeFirst();
        }
        Path path = name.isEmpty() ? directory : directory.resolve(name);
        for (String part : parts) {
            path = path.resolve(part);
        }
        return path;
    }

    /** Between the directory and an entry there are directories, and no links. */
    private void requireParents(Path path) throws IOException {
        Path parent = directory;
        for (Path part : directory.relativize(Objects.requireNonNull(path.getParent()))) {
            parent = parent.resolve(part);
            if (part.toString().isEmpty()) {
                continue;
            }
            if (Files.notExists(parent, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(parent);
            } else if (!Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("%s is no directory (expected: one, for %s)".formatted(parent, path));
            }
        }
    }

    private void make(TarArchiveEntry entry, TarArchiveInputStream tar, Path path) throws IOException {
        if (entry.isDirectory()) {
            makeDirectory(entry, path);
            return;
        }
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("%s is a directory (expected: none, for a file)".formatted(path));
        }
        Files.deleteIfExists(path);
        switch (entry.getLinkFlag()) {
            case TarConstants.LF_SYMLINK -> Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
            case TarConstants.LF_LINK -> {
                Path first = path(entry.getLinkName());
                requireParents(first);
                Files.createLink(path, first);
                return;
            }
            case TarConstants.LF_NORMAL, TarConstants.LF_OLDNORM, TarConstants.LF_CONTIG -> copy(entry, tar, path);
            default ->
                throw new IOException("%s is a device or a named pipe (expected: none; an archive can hold it)"
                        .formatted(entry.getName()));
        }
        owner(entry, path);
        if (!entry.isSymbolicLink()) {
            Files.setAttribute(path, "unix:mode", mode(entry));
        }
        setTime(path, entry.getLastModifiedTime());
    }

    private void makeDirectory(TarArchiveEntry entry, Path path) throws IOException {
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(path);
        }
        owner(entry, path);
        open.push(new Open(path, mode(entry), entry.getLastModifiedTime()));
    }

    private void owner(TarArchiveEntry entry, Path path) throws IOException {
        if (keepsOwner) {
            Files.setAttribute(path, "unix:uid", (int) entry.getLongUserId(), LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:gid", (int) entry.getLongGroupId(), LinkOption.NOFOLLOW_LINKS);
        }
    }

    private int mode(TarArchiveEntry entry) {
        int mode = entry.getMode() & PERMISSIONS;
        return keepsOwner ? mode : mode & ~BITS_OF_OWNERS;
    }

    private static void setTime(Path path, FileTime time) throws IOException {
        Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setTimes(time, null, null);
    }

    private static void leave(Open left) throws IOException {
        Files.setAttribute(left.path(), "unix:mode", left.mode());
        setTime(left.path(), left.time());
    }

    /** Whole blocks of zeros become holes. */
    private static void copy(TarArchiveEntry entry, TarArchiveInputStream tar, Path path) throws IOException {
        Set<StandardOpenOption> isNew = Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        try (SeekableByteChannel target = Files.newByteChannel(path, isNew)) {
            byte[] buffer = new byte[COPY_BYTES];
            long position = 0;
            for (long left = entry.getRealSize(); left > 0; ) {
                int count = tar.readNBytes(buffer, 0, (int) Math.min(COPY_BYTES, left));
                if (count == 0) {
                    throw new IOException("the archive ends within " + entry.getName());
                }
                write(buffer, count, target, position);
                position += count;
                left -= count;
            }
            if (target.size() < position) {
                target.position(position - 1).write(ByteBuffer.wrap(new byte[1]));
            }
        }
    }

    private static void write(byte[] bytes, int count, SeekableByteChannel target, long position) throws IOException {
        for (int at = 0; at < count; ) {
            int from = at;
            while (at < count && !isZeros(bytes, at, count)) {
                at = Math.min(count, at + BLOCK_BYTES);
            }
            ByteBuffer block = ByteBuffer.wrap(bytes, from, at - from);
            target.position(position + from);
            while (block.hasRemaining()) {
                target.write(block);
            }
            while (at < count && isZeros(bytes, at, count)) {
                at += BLOCK_BYTES;
            }
        }
    }

    private static boolean isZeros(byte[] bytes, int from, int count) {
        return count - from >= BLOCK_BYTES && Arrays.equals(bytes, from, from + BLOCK_BYTES, ZEROS, 0, BLOCK_BYTES);
    }
}
