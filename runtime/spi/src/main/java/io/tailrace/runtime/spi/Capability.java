package io.tailrace.runtime.spi;

/** An ability that a runtime may lack. It is declared, never assumed. */
public enum Capability {
    /** Freezing and thawing all processes of a container. */
    PAUSE,
    /** Adding processes to a running container. */
    EXEC,
    /** Keeping the output of execs for a server that is started again. */
    EXEC_OUTPUT_KEPT,
    /** A terminal for a process, and changing its size. */
    TERMINAL,
    /** Resource usage of a running container. */
    USAGE,
    /** Fetching images from a registry. */
    PULL,
    /** Loading images from an archive. */
    IMPORT,
    /** Telling a kill for memory from any other kill. */
    OUT_OF_MEMORY,
    /** The bridge network mode. */
    NETWORK_BRIDGE,
    /** The host network mode. */
    NETWORK_HOST,
    /** User-defined networks. */
    NETWORKS,
    /** Changing the limits of a running container. */
    UPDATE_LIMITS,
    /** Copying files in and out of containers. */
    FILES,
    /** Named volumes. */
    VOLUMES
}
