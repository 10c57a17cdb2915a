package io.tailrace.client;

/**
 * A name that a container resolves by itself.
 *
 * @param address IPv4 or IPv6, or {@code host-gateway}: the server's host, as the container reaches it
 */
public record HostEntry(String name, String address) {}
