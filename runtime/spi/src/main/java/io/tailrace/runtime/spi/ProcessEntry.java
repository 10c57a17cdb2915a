package io.tailrace.runtime.spi;

import java.time.Instant;
import java.util.List;

/**
 * A process in a container at one moment.
 *
 * @param pid on the runtime's machine, as the parent's
 * @param parentPid of a process in the container, or of what started it
 * @param user by number, on the runtime's machine
 * @param startedAt as exact as the runtime tells it, a second at worst
 * @param cpuNanos processor time, likewise
 * @param memoryBytes resident, what it shares with others included
 * @param arguments its command line; one text where the runtime does not tell the arguments apart
 */
public record ProcessEntry(
        long pid,
        long parentPid,
        int user,
        Instant startedAt,
        long cpuNanos,
        long memoryBytes,
        List<String> arguments) {
    /** Copies the list. */
    public ProcessEntry {
        arguments = List.copyOf(arguments);
    }
}
