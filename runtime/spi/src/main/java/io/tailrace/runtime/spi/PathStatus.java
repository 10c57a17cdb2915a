package io.tailrace.runtime.spi;

import java.time.Instant;

/**
 * What a path in a container is. Its last part is not followed, unless it ends with {@code /} or {@code /.}
 *
 * @param name the path's last part; {@code /} for the root
 * @param sizeBytes of a file
 * @param mode the permissions with setuid, setgid and sticky bits, as chmod(2) has them
 * @param linkTarget of a symbolic link; else empty
 */
public record PathStatus(String name, Type type, long sizeBytes, int mode, Instant modifiedAt, String linkTarget) {
    /** What can be told apart. */
    public enum Type {
        /** A regular file. */
        FILE,
        /** A directory. */
        DIRECTORY,
        /** A symbolic link. */
        LINK,
        /** A device, a named pipe, a socket. */
        OTHER
    }
}
