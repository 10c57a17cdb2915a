package io.tailrace.client;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/** Writes files of this machine as a tar, in POSIX's format. For one thread. */
final class LocalArchive {
    private static final int COPY_BYTES = 65_536;
    /** Files with more names than one that are not remembered any more are written once more. */
    private static final int LINKED_FILES_MAX = 100_000;

    private static final int TYPE = 0xf000;
    private static final int PIPE = 0x1000;
    private static final int CHARACTERS = 0x2000;
    private static final int BLOCKS = 0x6000;
    private static final int PERMISSIONS = 07777;
    private static final int BITS_OF_OWNERS = 06000;

    private final OutputStream target;
    private final TarArchiveOutputStream tar;
    private final boolean keepsOwner;
    private final byte[] buffer = new byte[COPY_BYTES];
    private final Map<Inode, String> linked = new HashMap<>();

    private record Inode(Object device, Object number) {}

    LocalArchive(OutputStream target, boolean keepsOwner) {
        this.target = target;
        this.keepsOwner = keepsOwner;
        tar = new TarArchiveOutputStream(target, "UTF-8");
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
    }

    /** Writes it, to the archive's end. @param name of the root; empty: only what is in it */
    void write(Path root, String name) throws IOException {
        add(root, name);
        tar.finish();
        target.flush();
    }

    private void add(Path file, String name) throws IOException {
        Map<String, Object> status = Files.readAttributes(file, "unix:*", LinkOption.NOFOLLOW_LINKS);
        if (Boolean.TRUE.equals(status.get("isDirectory"))) {
            if (!name.isEmpty()) {
                put(entry(name + "/", TarConstants.LF_DIR, status));
            }
            try (DirectoryStream<Path> children = Files.newDirectoryStream(file)) {
                for (Path child : children) {
                    add(child, (name.isEmpty() ? "" : name + "/") + child.getFileName());
                }
            }
        } else if (Boolean.TRUE.equals(status.get("isSymbolicLink"))) {
            TarArchiveEntry entry = entry(name, TarConstants.LF_SYMLINK, status);
            entry.setLinkName(Files.readSymbolicLink(file).toString());
            put(entry);
        } else if (Boolean.TRUE.equals(status.get("isRegularFile"))) {
            addFile(file, name, status);
        } else {
            addNode(name, status);
        }
    }

    private void addFile(Path file, String name, Map<String, Object> status) throws IOException {
        String first = firstName(name, status);
        if (first != null) {
            TarArchiveEntry entry = entry(name, TarConstants.LF_LINK, status);
            entry.setLinkName(first);
            put(entry);
            return;
        }
        try (var content = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            long left = size(status, "size");
            TarArchiveEntry entry = entry(name, TarConstants.LF_NORMAL, status);
            entry.setSize(left);
            tar.putArchiveEntry(entry);
            while (left > 0) {
                int count = content.read(buffer, 0, (int) Math.min(COPY_BYTES, left));
                if (count < 0) {
                    throw new IOException("%s became %d bytes shorter while it was read".formatted(file, left));
                }
                tar.write(buffer, 0, count);
                left -= count;
            }
            tar.closeArchiveEntry();
        }
    }

    private @Nullable String firstName(String name, Map<String, Object> status) {
        if (number(status, "nlink") < 2 || linked.size() >= LINKED_FILES_MAX) {
            return null;
        }
        return linked.putIfAbsent(new Inode(of(status, "dev"), of(status, "ino")), name);
    }

    /** A device or a named pipe; a socket means nothing elsewhere. */
    private void addNode(String name, Map<String, Object> status) throws IOException {
        byte type = switch (number(status, "mode") & TYPE) {
            case PIPE -> TarConstants.LF_FIFO;
            case CHARACTERS -> TarConstants.LF_CHR;
            case BLOCKS -> TarConstants.LF_BLK;
            default -> 0;
        };
        if (type == 0) {
            return;
        }
        TarArchiveEntry entry = entry(name, type, status);
        if (type != TarConstants.LF_FIFO) {
            long device = size(status, "rdev");
            entry.setDevMajor((int) (((device >>> 8) & 0xfff) | ((device >>> 32) & 0xfffff000L)));
            entry.setDevMinor((int) ((device & 0xff) | ((device >>> 12) & 0xffffff00L)));
        }
        put(entry);
    }

    private void put(TarArchiveEntry entry) throws IOException {
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    private TarArchiveEntry entry(String name, byte type, Map<String, Object> status) {
        TarArchiveEntry entry = new TarArchiveEntry(name, type);
        int mode = number(status, "mode") & PERMISSIONS;
        entry.setMode(keepsOwner ? mode : mode & ~BITS_OF_OWNERS);
        entry.setUserId(keepsOwner ? number(status, "uid") : 0);
        entry.setGroupId(keepsOwner ? number(status, "gid") : 0);
        entry.setUserName("");
        entry.setGroupName("");
        FileTime modified = (FileTime) of(status, "lastModifiedTime");
        // Whole seconds, as they come out of a container.
        entry.setLastModifiedTime(FileTime.from(modified.toInstant().truncatedTo(ChronoUnit.SECONDS)));
        return entry;
    }

    private static Object of(Map<String, Object> status, String name) {
        return Objects.requireNonNull(status.get(name), name);
    }

    private static int number(Map<String, Object> status, String name) {
        return (int) of(status, name);
    }

    private static long size(Map<String, Object> status, String name) {
        return (long) of(status, name);
    }
}
