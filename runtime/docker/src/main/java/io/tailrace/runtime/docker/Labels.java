package io.tailrace.runtime.docker;

/** The labels by which the engine tells our containers from others'. */
final class Labels {
    /** The container's id. */
    static final String ID = "io.tailrace.id";

    /** Whose it is: several servers may use one engine. */
    static final String DATA_DIRECTORY = "io.tailrace.data-directory";

    private Labels() {}
}
