package io.tailrace.runtime.docker;

/** The labels by which the engine tells our containers, volumes and networks from others'. */
final class Labels {
    /** The container's id. */
    static final String ID = "io.tailrace.id";

    /** Whose it is: several servers may use one engine. */
    static final String DATA_DIRECTORY = "io.tailrace.data-directory";

    /** The id of the container that a volume was made for because that named none. */
    static final String MADE_FOR = "io.tailrace.made-for";

    /** What Docker's own tools know such a volume by. */
    static final String ANONYMOUS = "com.docker.volume.anonymous";

    /** The networks in which a container is to have an address that was asked for, with commas between them. */
    static final String ADDRESSES = "io.tailrace.addresses";

    private Labels() {}
}
