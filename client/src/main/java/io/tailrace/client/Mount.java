package io.tailrace.client;

/**
 * Something mounted into a container.
 *
 * @param type bind (a path of the server's host) or tmpfs
 * @param source of a bind: an absolute path on the server's host; else empty
 * @param target where it appears in the container
 * @param sizeBytes of a tmpfs; 0: no limit
 */
public record Mount(Type type, String source, String target, boolean isReadOnly, long sizeBytes) {
    /** The kinds of mounts. */
    public enum Type {
        /** A path of the server's host. */
        BIND,
        /** Memory. */
        TMPFS
    }
}
