package io.tailrace.client;

/**
 * A difference between a container's files and its image's.
 *
 * @param path absolute
 */
public record FileChange(Kind kind, String path) {
    /** What has become of a path of the image. */
    public enum Kind {
        /** Another content or other attributes; of a directory also: something in it has changed. */
        MODIFIED,
        /** It is not in the image. */
        ADDED,
        /** It is in the image only. */
        DELETED,
        /** Something that this client does not know. */
        UNKNOWN
    }
}
