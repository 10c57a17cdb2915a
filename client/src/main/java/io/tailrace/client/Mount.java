package io.tailrace.client;

import java.util.List;

/**
 * Something mounted into a container.
 *
 * @param type bind (a path of the server's host), tmpfs or volume
 * @param source of a bind: an absolute path on the server's host; of a volume: its name, or empty for one of its own; else
 *     empty
 * @param target where it appears in the container
 * @param sizeBytes of a tmpfs; 0: no limit
 * @param options as {@code mount(8)} has them. Of a bind at most one: private, rprivate (the default), shared, rshared,
 *     slave, rslave. Of a tmpfs: exec, noexec, suid, nosuid, dev, nodev, {@code mode=1777}, {@code uid=}, {@code gid=}.
 *     Of a volume: {@code nocopy}; without it, one that is empty is filled with what the image has at the target
 */
public record Mount(Type type, String source, String target, boolean isReadOnly, long sizeBytes, List<String> options) {
    /** Copies the list. */
    public Mount {
        options = List.copyOf(options);
    }

    /** The kinds of mounts. */
    public enum Type {
        /** A path of the server's host. */
        BIND,
        /** Memory. */
        TMPFS,
        /** A named volume, made where there is none of the name. */
        VOLUME
    }
}
