package io.tailrace.client;

/**
 * What the kernel allows each process of a container, as {@code setrlimit(2)} has it.
 *
 * @param name in lower case and without RLIMIT_: {@code nofile}, {@code core}
 * @param soft what holds; -1: no limit
 * @param hard how far the process may raise it; -1: no limit
 */
public record Ulimit(String name, long soft, long hard) {}
