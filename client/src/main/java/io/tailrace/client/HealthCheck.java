package io.tailrace.client;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What tells whether a container is healthy, and how often it is asked. Immutable; nulls and 0 mean the image's value, or the
 * default.
 *
 * @param test as Docker has it: {@code CMD} and a command, {@code CMD-SHELL} and a line, {@code NONE}; beyond that
 *     {@code HTTP} and a port with a path, {@code TCP} and a port, {@code SOCKET} and a path. Empty: the image's
 * @param interval from the end of a probe to the next; else 30 s
 * @param timeout after which a probe has failed; else 30 s
 * @param retries failures in a row that make it unhealthy; 0: 3
 * @param startPeriod from its start on, in which failures do not count; else none
 * @param startInterval in place of interval within the start period; else 5 s
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
        if (retries < 0) {
            throw new IllegalArgumentException("retries: %d (expected: >= 0)".formatted(retries));
        }
    }

    /** The image's test, with other times perhaps. */
    public static HealthCheck ofImage() {
        return new HealthCheck(List.of(), null, null, 0, null, null);
    }

    /** No check, also not the image's. */
    public static HealthCheck none() {
        return of("NONE");
    }

    /** A command in the container that exits with 0 if it is healthy. */
    public static HealthCheck command(String... command) {
        var words = new String[command.length + 1];
        words[0] = "CMD";
        System.arraycopy(command, 0, words, 1, command.length);
        return of(words);
    }

    /** A line for the container's {@code /bin/sh} that exits with 0 if it is healthy. */
    public static HealthCheck shell(String line) {
        return of("CMD-SHELL", line);
    }

    /** A request to the container, healthy if it is answered with 200 to 399. @param path with its slash */
    public static HealthCheck http(int port, String path) {
        return of("HTTP", port + path);
    }

    /** A port of the container that takes connections. */
    public static HealthCheck tcp(int port) {
        return of("TCP", Integer.toString(port));
    }

    /** A unix socket in the container that takes connections. */
    public static HealthCheck socket(String path) {
        return of("SOCKET", path);
    }

    private static HealthCheck of(String... test) {
        return new HealthCheck(List.of(test), null, null, 0, null, null);
    }

    /** From the end of a probe to the next. */
    public HealthCheck interval(Duration value) {
        return new HealthCheck(test, value, timeout, retries, startPeriod, startInterval);
    }

    /** After which a probe has failed. */
    public HealthCheck timeout(Duration value) {
        return new HealthCheck(test, interval, value, retries, startPeriod, startInterval);
    }

    /** Failures in a row that make it unhealthy. */
    public HealthCheck retries(int value) {
        return new HealthCheck(test, interval, timeout, value, startPeriod, startInterval);
    }

    /** From its start on, in which failures do not count. */
    public HealthCheck startPeriod(Duration value) {
        return new HealthCheck(test, interval, timeout, retries, value, startInterval);
    }

    /** In place of interval within the start period. */
    public HealthCheck startInterval(Duration value) {
        return new HealthCheck(test, interval, timeout, retries, startPeriod, value);
    }

    io.tailrace.api.v1.HealthCheck message() {
        var message =
                io.tailrace.api.v1.HealthCheck.newBuilder().addAllTest(test).setRetries(retries);
        if (interval != null) {
            message.setInterval(Wire.duration(interval));
        }
        if (timeout != null) {
            message.setTimeout(Wire.duration(timeout));
        }
        if (startPeriod != null) {
            message.setStartPeriod(Wire.duration(startPeriod));
        }
        if (startInterval != null) {
            message.setStartInterval(Wire.duration(startInterval));
        }
        return message.build();
    }

    static HealthCheck of(io.tailrace.api.v1.HealthCheck check) {
        Objects.requireNonNull(check);
        return new HealthCheck(
                check.getTestList(),
                check.hasInterval() ? Wire.duration(check.getInterval()) : null,
                check.hasTimeout() ? Wire.duration(check.getTimeout()) : null,
                Math.max(0, check.getRetries()),
                check.hasStartPeriod() ? Wire.duration(check.getStartPeriod()) : null,
                check.hasStartInterval() ? Wire.duration(check.getStartInterval()) : null);
    }
}
