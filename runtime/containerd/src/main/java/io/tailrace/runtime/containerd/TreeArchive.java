package io.tailrace.runtime.containerd;

import io.tailrace.runtime.containerd.Linux.LinuxException;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/**
 * Writes a file tree as a tar, in GNU's format, which takes names as the bytes that they are. Each file is opened from its
 * directory's descriptor and looked at before it is read, so that a container that swaps files meanwhile neither makes its
 * reader block nor leads it elsewhere. For one thread.
 */
final class TreeArchive {
    /** Two descriptors each. */
    private static final int DEPTH_MAX = 512;

    /** About 100 bytes each; files with more names than one that are not remembered any more are written once more. */
    private static final int LINKED_FILES_MAX = 100_000;

    private static final int COPY_BYTES = 65_536;
    private static final String RAW_BYTES = "ISO-8859-1";

    private final ContainerRoot root;
    private final OutputStream target;
    private final TarArchiveOutputStream tar;
    private final ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
    private final Map<Inode, Linked> linked = new HashMap<>();

    /** A file that has more names than one. */
    private record Inode(long device, long number) {}

    /** Where it is in the archive, and how many names are to come. */
    private record Linked(String name, long left) {}

    TreeArchive(ContainerRoot root, OutputStream target) {
        this.root = root;
        this.target = target;
        tar = new TarArchiveOutputStream(target, RAW_BYTES);
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
    }

    /** Writes it, to the archive's end. @param name of the tree's root in the archive */
    void write(ContainerRoot.Found found, String name) throws IOException {
        add(found.parent(), found.name(), name, 1);
        tar.finish();
        target.flush();
    }

    private void add(int directory, String file, String name, int depth) throws IOException {
        root.check();
        FileStatus status = LinuxFiles.status(directory, file);
        switch (status.type()) {
            case FileStatus.DIRECTORY -> addDirectory(directory, file, name, depth);
            case FileStatus.FILE -> addFile(directory, file, name);
            case FileStatus.LINK -> {
                TarArchiveEntry entry = entry(name, TarConstants.LF_SYMLINK, status);
                entry.setLinkName(LinuxFiles.readLink(directory, file));
                put(entry);
            }
            case FileStatus.FIFO -> put(entry(name, TarConstants.LF_FIFO, status));
            case FileStatus.CHARACTERS -> put(device(entry(name, TarConstants.LF_CHR, status), status));
            case FileStatus.BLOCKS -> put(device(entry(name, TarConstants.LF_BLK, status), status));
            default -> {
                // A socket means nothing elsewhere.
            }
        }
    }

    private void addDirectory(int parent, String file, String name, int depth) throws IOException {
        if (depth > DEPTH_MAX) {
            throw new ContainerRuntimeException(
                    Code.RESOURCE_EXHAUSTED,
                    "path: %s (expected: at most %d directories deep)".formatted(LinuxFiles.shown(name), DEPTH_MAX));
        }
        int directory = LinuxFiles.open(
                parent,
                file.isEmpty() ? "." : file,
                LinuxFiles.O_PATH | LinuxFiles.O_DIRECTORY | LinuxFiles.O_NOFOLLOW);
        try {
            put(entry(name + "/", TarConstants.LF_DIR, LinuxFiles.status(directory, "")));
            if (KernelFiles.holds(directory)) {
                return;
            }
            try (DirectoryNames names = DirectoryNames.of(directory)) {
                for (@Nullable String child = names.next(); child != null; child = names.next()) {
                    addIfThere(directory, child, name + "/" + child, depth + 1);
                }
            }
        } finally {
            Linux.close(directory);
        }
    }

    /** What is removed while the tree is read is not in it. */
    private void addIfThere(int directory, String file, String name, int depth) throws IOException {
        try {
            add(directory, file, name, depth);
        } catch (LinuxException failure) {
            if (failure.errno() != Linux.ENOENT) {
                throw failure;
            }
        }
    }

    private void addFile(int directory, String file, String name) throws IOException {
        int descriptor = LinuxFiles.open(directory, file, LinuxFiles.O_PATH | LinuxFiles.O_NOFOLLOW);
        try {
            FileStatus status = LinuxFiles.status(descriptor, "");
            if (status.type() != FileStatus.FILE) {
                return; // Something else by now.
            }
            String first = firstName(status, name);
            if (first != null) {
                TarArchiveEntry entry = entry(name, TarConstants.LF_LINK, status);
                entry.setLinkName(first);
                put(entry);
                return;
            }
            try (FileChannel content = FileChannel.open(LinuxFiles.again(descriptor), StandardOpenOption.READ)) {
                TarArchiveEntry entry = entry(name, TarConstants.LF_NORMAL, status);
                entry.setSize(status.sizeBytes());
                tar.putArchiveEntry(entry);
                copy(content, status.sizeBytes(), name);
                tar.closeArchiveEntry();
            }
        } finally {
            Linux.close(descriptor);
        }
    }

    /** Under which name this file is in the archive already; null if it is not. */
    private @Nullable String firstName(FileStatus status, String name) {
        if (status.links() < 2) {
            return null;
        }
        Inode inode = new Inode(status.device(), status.inode());
        Linked known = linked.get(inode);
        if (known == null) {
            if (linked.size() < LINKED_FILES_MAX) {
                linked.put(inode, new Linked(name, status.links() - 1));
            }
            return null;
        }
        if (known.left() == 1) {
            linked.remove(inode);
        } else {
            linked.put(inode, new Linked(known.name(), known.left() - 1));
        }
        return known.name();
    }

    /** As many bytes as its header says: what is written to it meanwhile is not in the archive. */
    private void copy(FileChannel content, long sizeBytes, String name) throws IOException {
        long left = sizeBytes;
        while (left > 0) {
            root.check();
            buffer.clear().limit((int) Math.min(COPY_BYTES, left));
            int count = content.read(buffer);
            if (count < 0) {
                throw new ContainerRuntimeException(
                        Code.FAILED_PRECONDITION,
                        "path: %s became %d bytes shorter while it was read".formatted(LinuxFiles.shown(name), left));
            }
            tar.write(buffer.array(), 0, count);
            left -= count;
        }
    }

    private void put(TarArchiveEntry entry) throws IOException {
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    private static TarArchiveEntry entry(String name, byte type, FileStatus status) {
        TarArchiveEntry entry = new TarArchiveEntry(name, type);
        entry.setMode(status.permissions());
        entry.setUserId(status.user());
        entry.setGroupId(status.group());
        entry.setUserName("");
        entry.setGroupName("");
        // Whole seconds, as Docker has them.
        entry.setLastModifiedTime(FileTime.from(Instant.ofEpochSecond(status.modifiedSeconds())));
        return entry;
    }

    private static TarArchiveEntry device(TarArchiveEntry entry, FileStatus status) {
        entry.setDevMajor(status.major());
        entry.setDevMinor(status.minor());
        return entry;
    }
}
