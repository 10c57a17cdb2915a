package io.tailrace.client;

/**
 * A port of a container that can be reached at one of the server's host.
 *
 * @param hostAddress IPv4; empty: all of the host's
 * @param hostPort 0 in a spec: any that is free, chosen anew for every run
 * @param port the container's own
 */
public record Port(String hostAddress, int hostPort, int port, Protocol protocol) {
    /** What is spoken there. */
    public enum Protocol {
        /** Connections. */
        TCP,
        /** Datagrams. */
        UDP
    }
}
