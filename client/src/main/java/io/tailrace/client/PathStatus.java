package io.tailrace.client;

import java.time.Instant;

/**
 * What a path in a container is.
 *
 * @param name the path's last part
 * @param sizeBytes of a file
 * @param mode as chmod(2) has it
 * @param linkTarget of a symbolic link: where it leads
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
