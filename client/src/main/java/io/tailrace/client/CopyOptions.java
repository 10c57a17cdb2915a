package io.tailrace.client;

/**
 * How files are copied.
 *
 * @param keepsOwner whether they keep their owners (for which a copy to this machine needs root) and their setuid and setgid
 *     bits; else they belong to root in a container, and on this machine to whoever copies
 * @param followsLink whether a source that is a symbolic link is followed; links below it never are
 */
public record CopyOptions(boolean keepsOwner, boolean followsLink) {
    /** Neither. */
    public static final CopyOptions DEFAULT = new CopyOptions(false, false);
}
