package io.tailrace.runtime.spi;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What tells whether a container is healthy, as an image or a request has it. Runtimes only report an image's; probing is
 * the engine's. Null and 0 mean the image's value, or Docker's default.
 *
 * @param test as Docker has it: {@code CMD} and a command, {@code CMD-SHELL} and a line for a shell, {@code NONE} alone for
 *     no check; beyond that {@code HTTP} and a port with a path, {@code TCP} and a port, {@code SOCKET} and a path. Empty:
 *     the image's
 * @param interval from the end of a probe to the next
 * @param timeout after which a probe has failed
 * @param retries failures in a row that make it unhealthy
 * @param startPeriod from the start of the container on, in which failures do not count
 * @param startInterval in place of interval within that period
 */
public record HealthCheck(
        List<String> test,
        @Nullable Duration interval,
        @Nullable Duration timeout,
        int retries,
        @Nullable Duration startPeriod,
        @Nullable Duration startInterval) {
    /** Copies the list. */
    public HealthCheck {
        test = List.copyOf(test);
    }
}
