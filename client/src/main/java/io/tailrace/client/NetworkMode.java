package io.tailrace.client;

/** How a container is connected. */
public enum NetworkMode {
    /** Its own network, bridged to the host's. The default. */
    BRIDGE,
    /** The host's network. */
    HOST,
    /** A loopback interface and nothing else. */
    NONE
}
