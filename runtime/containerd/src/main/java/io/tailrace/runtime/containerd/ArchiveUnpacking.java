package io.tailrace.runtime.containerd;

import io.tailrace.runtime.containerd.Linux.LinuxException;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks a tar into a directory of a container, as {@code docker cp} does: names and links that lead out of the directory are
 * refused, whatever is in the way gives way unless it would be a directory for a file or a file for a directory, and owners,
 * modes (setuid too), devices and times are as the archive has them. Each parent is resolved under the container's root, so
 * that a link which is already there can lead elsewhere in the container, but not out of it. For one thread.
 */
final class ArchiveUnpacking {
    private static final int MADE_DIRECTORY_MODE = 0755;

    private final ContainerRoot root;
    private final String directory;
    private final boolean mayReplace;
    private final DirectoryTimes times;

    /** @param directory an absolute path of a directory that exists, as bytes */
    ArchiveUnpacking(ContainerRoot root, String directory, boolean mayReplace) {
        this.root = root;
        this.directory = directory;
        this.mayReplace = mayReplace;
        times = new DirectoryTimes(root);
    }

    /** Reads the archive to its end. */
    void unpack(InputStream archive) throws IOException {
        int there = root.open(directory, LinuxFiles.O_PATH | LinuxFiles.O_DIRECTORY);
        try {
            if (KernelFiles.holds(there)) {
                throw new ContainerRuntimeException(
                        Code.INVALID_ARGUMENT,
                        "directory: %s (expected: none in a file system of the kernel's own)"
                                .formatted(LinuxFiles.shown(directory)));
            }
            ArchiveEntries entries = new ArchiveEntries(archive);
            for (@Nullable TarArchiveEntry entry = entries.next(); entry != null; entry = entries.next()) {
                root.check();
                unpack(entry, entries);
            }
            times.leaveAll();
        } finally {
            Linux.close(there);
        }
    }

    private void unpack(TarArchiveEntry entry, ArchiveEntries entries) throws IOException {
        List<String> parts = TarNames.below("name", LinuxFiles.name(entry.getName()));
        if (parts.isEmpty()) {
            return; // The directory itself stays as it is.
        }
        String name = parts.getLast();
        String parent = String.join("/", parts.subList(0, parts.size() - 1));
        try {
            times.enter(path(String.join("/", parts)));
            int descriptor = openParent(parent);
            try {
                make(entry, entries, descriptor, name, parent);
            } finally {
                Linux.close(descriptor);
            }
        } catch (LinuxException failure) {
            throw FileFailures.of(LinuxFiles.shown(path(String.join("/", parts))), failure);
        }
    }

    private String path(String below) {
        return directory + "/" + below;
    }

    /** Opens the directory of an entry; what is missing of it is made, as the archive does not say what it is to be. */
    private int openParent(String parent) throws IOException {
        try {
            return root.open(path(parent), LinuxFiles.O_PATH | LinuxFiles.O_DIRECTORY);
        } catch (LinuxException failure) {
            if (failure.errno() != Linux.ENOENT) {
                throw failure;
            }
        }
        return Directories.open(root, directory, parent, MADE_DIRECTORY_MODE);
    }

    private void make(TarArchiveEntry entry, ArchiveEntries entries, int parent, String name, String parentName)
            throws IOException {
        boolean isMerged = makeRoom(entry, parent, name);
        switch (entry.getLinkFlag()) {
            case TarConstants.LF_DIR -> {
                if (!isMerged) {
                    LinuxFiles.makeDirectory(parent, name, MADE_DIRECTORY_MODE);
                }
            }
            case TarConstants.LF_NORMAL,
                    TarConstants.LF_OLDNORM,
                    TarConstants.LF_CONTIG,
                    TarConstants.LF_GNUTYPE_SPARSE -> FileContent.write(entry, entries.content(), parent, name, root);
            case TarConstants.LF_SYMLINK -> {
                String target = LinuxFiles.name(entry.getLinkName());
                TarNames.checkTarget(parentName, target);
                LinuxFiles.makeSymbolicLink(target, parent, name);
            }
            case TarConstants.LF_LINK -> makeHardLink(entry, parent, name);
            case TarConstants.LF_CHR -> makeNode(entry, parent, name, FileStatus.CHARACTERS);
            case TarConstants.LF_BLK -> makeNode(entry, parent, name, FileStatus.BLOCKS);
            case TarConstants.LF_FIFO -> makeNode(entry, parent, name, FileStatus.FIFO);
            default ->
                throw new ContainerRuntimeException(
                        Code.INVALID_ARGUMENT,
                        "type of %s: %d (expected: a file, directory, link, device or named pipe)"
                                .formatted(entry.getName(), entry.getLinkFlag()));
        }
        if (entry.getLinkFlag() != TarConstants.LF_LINK) {
            attributes(entry, parent, name);
        }
    }

    /** Removes what is in the way. @return whether there is a directory that the entry's content is to be added to */
    private boolean makeRoom(TarArchiveEntry entry, int parent, String name) throws IOException {
        FileStatus present;
        try {
            present = LinuxFiles.status(parent, name);
        } catch (LinuxException failure) {
            if (failure.errno() == Linux.ENOENT) {
                return false;
            }
            throw failure;
        }
        boolean isDirectory = entry.getLinkFlag() == TarConstants.LF_DIR;
        if (present.isDirectory() && isDirectory) {
            return true;
        }
        if (!mayReplace && present.isDirectory() != isDirectory) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "name: %s (expected: %s, as what is there)"
                            .formatted(entry.getName(), present.isDirectory() ? "a directory" : "no directory"));
        }
        Directories.remove(root, parent, name, present.isDirectory());
        return false;
    }

    private void makeHardLink(TarArchiveEntry entry, int parent, String name) throws IOException {
        List<String> parts = TarNames.below("link target", LinuxFiles.name(entry.getLinkName()));
        if (parts.isEmpty()) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "link target of %s: empty (expected: a file)".formatted(entry.getName()));
        }
        String from = String.join("/", parts.subList(0, parts.size() - 1));
        int descriptor = root.open(path(from), LinuxFiles.O_PATH | LinuxFiles.O_DIRECTORY);
        try {
            LinuxFiles.makeLink(descriptor, parts.getLast(), parent, name);
        } finally {
            Linux.close(descriptor);
        }
    }

    private static void makeNode(TarArchiveEntry entry, int parent, String name, int type) throws IOException {
        LinuxFiles.makeNode(parent, name, type, entry.getDevMajor(), entry.getDevMinor());
    }

    private void attributes(TarArchiveEntry entry, int parent, String name) throws IOException {
        LinuxFiles.changeOwner(parent, name, id("owner", entry.getLongUserId()), id("group", entry.getLongGroupId()));
        if (entry.getLinkFlag() != TarConstants.LF_SYMLINK) {
            int made = LinuxFiles.open(parent, name, LinuxFiles.O_PATH | LinuxFiles.O_NOFOLLOW);
            try {
                // A container may have put a link in its place by now, whose target is not the archive's to change.
                if (LinuxFiles.status(made, "").type() != FileStatus.LINK) {
                    LinuxFiles.changeMode(made, entry.getMode() & 07777);
                }
            } finally {
                Linux.close(made);
            }
        }
        Instant modified = entry.getLastModifiedTime().toInstant();
        long seconds = modified.getEpochSecond();
        int nanos = modified.getNano();
        if (entry.getLinkFlag() == TarConstants.LF_DIR) {
            times.keep(seconds, nanos);
        } else {
            LinuxFiles.changeTime(parent, name, seconds, nanos);
        }
    }

    private static int id(String what, long id) {
        if (id < 0 || id > Integer.toUnsignedLong(-1) - 1) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "%s: %d (expected: 0 to 4294967294)".formatted(what, id));
        }
        return (int) id;
    }
}
