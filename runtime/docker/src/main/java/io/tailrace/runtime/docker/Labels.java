package io.tailrace.runtime.docker;

/** The labels by which the engine tells our containers and volumes from others'. */
final class Labels {
    /** The container's id. */
    static final String ID = "io.tailrace.id";

    /** Whose it is: several servers may use one engine. */
    static final String DATA_DIRECTORY = "io.tailrace.data-directory";

    /** The id of the container that a volume was made for because that named none. */
    static final String MADE_FOR = "io.tailrace.made-for";

    /** What Docker's own tools know such a volume by. */
    static final String ANONYMOUS = "com.docker.volume.anonymous";

    private Labels() {}
}
