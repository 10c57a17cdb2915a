package io.tailrace.client;

import java.time.Instant;
import java.util.List;

/**
 * A process in a container at one moment.
 *
 * @param pid on the server's host, as the parent's
 * @param user by number, on the server's host
 * @param cpuNanos processor time
 * @param memoryBytes resident
 * @param arguments its command line; one text where the server does not know the arguments apart
 */
public record ProcessEntry(
        long pid,
        long parentPid,
        int user,
        Instant startedAt,
        long cpuNanos,
        long memoryBytes,
        List<String> arguments) {}
