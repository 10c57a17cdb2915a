package io.tailrace.client;

/**
 * A device of the server's host in a container.
 *
 * @param source an absolute path on the host, of a device or a directory with devices
 * @param target the absolute path inside
 * @param access some of {@code rwm}: read, write, make nodes
 */
public record Device(String source, String target, String access) {}
