package io.tailrace.runtime.containerd;

import io.tailrace.runtime.containerd.Linux.LinuxException;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.PathStatus;
import java.io.IOException;
import java.time.Instant;

/**
 * The root directory of a container, as a descriptor that every path is resolved under: whatever links are in the container,
 * none leads out of it. Thread-safe until it is closed, which its owner does when nobody uses it.
 */
class ContainerRoot implements AutoCloseable {
    private final int descriptor;

    /** @param descriptor of the directory, which is closed with this */
    ContainerRoot(int descriptor) {
        this.descriptor = descriptor;
    }

    /** Whether it may be used still. @throws ContainerRuntimeException FAILED_PRECONDITION */
    void check() {}

    /** Opens a path, links followed. @throws LinuxException as the kernel says */
    int open(String path, int flags) throws IOException {
        check();
        return LinuxFiles.open(descriptor, path, flags);
    }

    /** A place in the container, open until it is closed. @param parent of the name, or what the empty name stands for */
    record Found(int parent, String name, String shownName, FileStatus status) implements AutoCloseable {
        PathStatus toStatus() throws IOException {
            PathStatus.Type type = switch (status.type()) {
                case FileStatus.FILE -> PathStatus.Type.FILE;
                case FileStatus.DIRECTORY -> PathStatus.Type.DIRECTORY;
                case FileStatus.LINK -> PathStatus.Type.LINK;
                default -> PathStatus.Type.OTHER;
            };
            return new PathStatus(
                    LinuxFiles.shown(shownName),
                    type,
                    type == PathStatus.Type.FILE ? status.sizeBytes() : 0,
                    status.permissions(),
                    Instant.ofEpochSecond(status.modifiedSeconds(), status.modifiedNanos()),
                    type == PathStatus.Type.LINK ? LinuxFiles.shown(LinuxFiles.readLink(parent, name)) : "");
        }

        @Override
        public void close() {
            Linux.close(parent);
        }
    }

    /**
     * Finds what a path names; its last part is followed only if a slash or a dot comes after it.
     *
     * @throws ContainerRuntimeException NOT_FOUND
     */
    Found find(String path) throws IOException {
        String bytes = LinuxFiles.name(path);
        int end = bytes.length();
        while (end > 0 && bytes.charAt(end - 1) == '/') {
            end--;
        }
        String last = bytes.substring(bytes.lastIndexOf('/', end - 1) + 1, end);
        boolean isFollowed = end < bytes.length() || last.isEmpty() || last.equals(".") || last.equals("..");
        try {
            if (isFollowed) {
                return found(open(bytes, LinuxFiles.O_PATH | LinuxFiles.O_DIRECTORY), "", TarNames.base(bytes));
            }
            String parent = bytes.substring(0, end - last.length());
            return found(open(parent, LinuxFiles.O_PATH | LinuxFiles.O_DIRECTORY), last, last);
        } catch (LinuxException failure) {
            throw FileFailures.of(path, failure);
        }
    }

    private static Found found(int parent, String name, String shownName) throws IOException {
        try {
            FileStatus status = LinuxFiles.status(parent, name);
            if (KernelFiles.holds(parent)) {
                throw new ContainerRuntimeException(
                        Code.INVALID_ARGUMENT,
                        "path: %s (expected: none in a file system of the kernel's own)"
                                .formatted(LinuxFiles.shown(shownName)));
            }
            return new Found(parent, name, shownName, status);
        } catch (IOException | RuntimeException failure) {
            Linux.close(parent);
            throw failure;
        }
    }

    @Override
    public void close() {
        Linux.close(descriptor);
    }
}
