package io.tailrace.runtime.containerd;

import io.tailrace.runtime.containerd.Linux.LinuxException;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;

/** What the kernel says of a container's files, in the runtime interface's words. */
final class FileFailures {
    private FileFailures() {}

    /** @param path as whoever asked named it */
    static ContainerRuntimeException of(String path, LinuxException failure) {
        return switch (failure.errno()) {
            case Linux.ENOENT -> refused(Code.NOT_FOUND, path, "one that exists", failure);
            case Linux.ENOTDIR -> refused(Code.INVALID_ARGUMENT, path, "a directory before each /", failure);
            case Linux.ELOOP -> refused(Code.INVALID_ARGUMENT, path, "links that lead somewhere", failure);
            case Linux.ENAMETOOLONG -> refused(Code.INVALID_ARGUMENT, path, "a shorter one", failure);
            case Linux.EROFS -> refused(Code.PERMISSION_DENIED, path, "one that is not mounted read-only", failure);
            case Linux.EPERM, Linux.EACCES -> refused(Code.PERMISSION_DENIED, path, "one that may be changed", failure);
            case Linux.ENOSPC, Linux.EDQUOT ->
                refused(Code.RESOURCE_EXHAUSTED, path, "room in its file system", failure);
            case Linux.EFBIG, Linux.EINVAL ->
                refused(Code.INVALID_ARGUMENT, path, "what its file system can hold", failure);
            case Linux.ENOSYS -> refused(Code.UNSUPPORTED, path, "Linux 5.6 or newer, for openat2", failure);
            default -> Failures.of("path " + path, failure);
        };
    }

    private static ContainerRuntimeException refused(Code code, String path, String expected, LinuxException failure) {
        return new ContainerRuntimeException(
                code, "path: %s (expected: %s): %s".formatted(path, expected, failure.getMessage()), failure);
    }
}
