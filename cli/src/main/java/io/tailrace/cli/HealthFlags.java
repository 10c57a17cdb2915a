package io.tailrace.cli;

import io.tailrace.client.ContainerSpec;
import io.tailrace.client.HealthCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What tells whether a container is healthy: docker's flags, and the probes that Tailrace has beside them. */
final class HealthFlags {
    private static final Pattern HTTP = Pattern.compile("(\\d{1,5})(/.*)?");

    @Option(
            names = "--health-cmd",
            paramLabel = "LINE",
            description = "A line for its shell that exits with 0 if the container is healthy.")
    private @Nullable String line;

    @Option(
            names = "--health-http",
            paramLabel = "PORT[/PATH]",
            description = "Or a request to it, healthy if it is answered with 200 to 399.")
    private @Nullable String http;

    @Option(names = "--health-tcp", paramLabel = "PORT", description = "Or a port of it that takes connections.")
    private @Nullable Integer port;

    @Option(
            names = "--health-socket",
            paramLabel = "PATH",
            description = "Or a unix socket in it that takes connections.")
    private @Nullable String socket;

    @Option(names = "--no-healthcheck", description = "No health check, also not the image's.")
    private boolean isNone;

    @Option(
            names = "--health-interval",
            paramLabel = "TIME",
            description = "From the end of a probe to the next (default: 30s).")
    private @Nullable String interval;

    @Option(
            names = "--health-timeout",
            paramLabel = "TIME",
            description = "After which a probe has failed (default: 30s).")
    private @Nullable String timeout;

    @Option(
            names = "--health-retries",
            paramLabel = "NUMBER",
            description = "Failures in a row that make it unhealthy (default: 3).")
    private @Nullable Integer retries;

    @Option(
            names = "--health-start-period",
            paramLabel = "TIME",
            description = "From its start on, in which failures do not count (default: none).")
    private @Nullable String startPeriod;

    @Option(
            names = "--health-start-interval",
            paramLabel = "TIME",
            description = "From a probe to the next within that time (default: 5s).")
    private @Nullable String startInterval;

    void set(ContainerSpec spec) {
        List<HealthCheck> tests = tests();
        if (tests.size() > 1) {
            throw new CliException(
                    "--health-cmd, --health-http, --health-tcp, --health-socket, --no-healthcheck: %d of them (expected: one at most)"
                            .formatted(tests.size()));
        }
        boolean isTimed =
                interval != null || timeout != null || retries != null || startPeriod != null || startInterval != null;
        if (!tests.isEmpty() || isTimed) {
            spec.healthCheck(timed(tests.isEmpty() ? HealthCheck.ofImage() : tests.getFirst()));
        }
    }

    private List<HealthCheck> tests() {
        List<HealthCheck> tests = new ArrayList<>();
        if (line != null) {
            tests.add(HealthCheck.shell(line));
        }
        if (http != null) {
            tests.add(http(http));
        }
        if (port != null) {
            tests.add(HealthCheck.tcp(port));
        }
        if (socket != null) {
            tests.add(HealthCheck.socket(socket));
        }
        if (isNone) {
            tests.add(HealthCheck.none());
        }
        return tests;
    }

    private static HealthCheck http(String text) {
        var match = HTTP.matcher(text);
        if (!match.matches()) {
            throw new CliException(
                    "health-http: \"%s\" (expected: a port with a path, such as 8080/health)".formatted(text));
        }
        return HealthCheck.http(Integer.parseInt(match.group(1)), match.group(2) == null ? "/" : match.group(2));
    }

    private HealthCheck timed(HealthCheck check) {
        var timed = check;
        if (interval != null) {
            timed = timed.interval(Words.duration("health-interval", interval));
        }
        if (timeout != null) {
            timed = timed.timeout(Words.duration("health-timeout", timeout));
        }
        if (retries != null) {
            if (retries < 0) {
                throw new CliException("health-retries: %d (expected: >= 0)".formatted(retries));
            }
            timed = timed.retries(retries);
        }
        if (startPeriod != null) {
            timed = timed.startPeriod(Words.duration("health-start-period", startPeriod));
        }
        if (startInterval != null) {
            timed = timed.startInterval(Words.duration("health-start-interval", startInterval));
        }
        return timed;
    }
}
