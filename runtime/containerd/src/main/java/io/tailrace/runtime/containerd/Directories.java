package io.tailrace.runtime.containerd;

import io.tailrace.runtime.containerd.Linux.LinuxException;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Makes and removes directories of a container. */
final class Directories {
    /** Two descriptors each. */
    private static final int DEPTH_MAX = 512;

    private Directories() {}

    /** Opens a directory below another, and makes what is missing on the way. */
    static int open(ContainerRoot root, String directory, String below, int mode) throws IOException {
        String path = directory;
        int descriptor = root.open(path, LinuxFiles.O_PATH | LinuxFiles.O_DIRECTORY);
        for (String part : below.split("/")) {
            if (part.isEmpty()) {
                continue;
            }
            path = path + "/" + part;
            int parent = descriptor;
            try {
                descriptor = openOrMake(root, parent, path, part, mode);
            } finally {
                Linux.close(parent);
            }
        }
        return descriptor;
    }

    private static int openOrMake(ContainerRoot root, int parent, String path, String name, int mode)
            throws IOException {
        try {
            return root.open(path, LinuxFiles.O_PATH | LinuxFiles.O_DIRECTORY);
        } catch (LinuxException failure) {
            if (failure.errno() != Linux.ENOENT) {
                throw failure;
            }
        }
        try {
            LinuxFiles.makeDirectory(parent, name, mode);
        } catch (LinuxException failure) {
            if (failure.errno() != Linux.EEXIST) {
                throw failure;
            }
        }
        return root.open(path, LinuxFiles.O_PATH | LinuxFiles.O_DIRECTORY);
    }

    /** Removes a name and all that is below it. */
    static void remove(ContainerRoot root, int parent, String name, boolean isDirectory) throws IOException {
        remove(root, parent, name, isDirectory, 1);
    }

    private static void remove(ContainerRoot root, int parent, String name, boolean isDirectory, int depth)
            throws IOException {
        if (isDirectory) {
            if (depth > DEPTH_MAX) {
                throw new ContainerRuntimeException(
                        Code.RESOURCE_EXHAUSTED,
                        "path: %s (expected: at most %d directories deep)"
                                .formatted(LinuxFiles.shown(name), DEPTH_MAX));
            }
            empty(root, parent, name, depth);
        }
        LinuxFiles.remove(parent, name, isDirectory);
    }

    private static void empty(ContainerRoot root, int parent, String name, int depth) throws IOException {
        int directory =
                LinuxFiles.open(parent, name, LinuxFiles.O_PATH | LinuxFiles.O_DIRECTORY | LinuxFiles.O_NOFOLLOW);
        try (DirectoryNames names = DirectoryNames.of(directory)) {
            for (@Nullable String child = names.next(); child != null; child = names.next()) {
                root.check();
                remove(
                        root,
                        directory,
                        child,
                        LinuxFiles.status(directory, child).isDirectory(),
                        depth + 1);
            }
        } finally {
            Linux.close(directory);
        }
    }
}
