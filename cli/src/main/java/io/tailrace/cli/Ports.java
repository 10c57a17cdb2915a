package io.tailrace.cli;

import io.tailrace.client.Port;
import io.tailrace.client.Port.Protocol;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Published ports as docker writes them. */
final class Ports {
    private static final Pattern PUBLISHED = Pattern.compile(
            "(?:(?:(?<address>[0-9.]+):)?(?<host>\\d{1,5}(?:-\\d{1,5})?)?:)?(?<port>\\d{1,5}(?:-\\d{1,5})?)"
                    + "(?:/(?<protocol>tcp|udp))?");
    private static final int PORTS_MAX = 1_000;

    private Ports() {}

    /** {@code [[ADDRESS:]HOST:]PORT[/udp]}, where HOST and PORT may be ranges of the same length. */
    static List<Port> parse(String text) {
        Matcher match = PUBLISHED.matcher(text);
        if (!match.matches()) {
            throw invalid(text);
        }
        int[] ports = range(text, match.group("port"));
        var host = match.group("host");
        int[] hostPorts = host == null ? new int[ports.length] : range(text, host);
        if (hostPorts.length != ports.length) {
            throw invalid(text);
        }
        var address = match.group("address") == null ? "" : match.group("address");
        var protocol = match.group("protocol") == null
                ? Protocol.TCP
                : Protocol.valueOf(match.group("protocol").toUpperCase(Locale.ROOT));
        return IntStream.range(0, ports.length)
                .mapToObj(i -> new Port(address, hostPorts[i], ports[i], protocol))
                .toList();
    }

    private static int[] range(String text, String range) {
        int dash = range.indexOf('-');
        int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
        int last = dash < 0 ? first : Integer.parseInt(range.substring(dash + 1));
        if (first > last || last - first >= PORTS_MAX) {
            throw invalid(text);
        }
        return IntStream.rangeClosed(first, last).toArray();
    }

    private static CliException invalid(String text) {
        return new CliException(
                "publish: \"%s\" (expected: such as 8080:80, 127.0.0.1:8080:80, 80, 53:53/udp or 8000-8010:8000-8010)"
                        .formatted(text));
    }

    /** As {@code ps} shows them. */
    static String shown(List<Port> ports) {
        return ports.stream()
                .map(port -> "%s->%s".formatted(host(port), inside(port)))
                .collect(Collectors.joining(", "));
    }

    /** {@code 0.0.0.0:8080}. */
    static String host(Port port) {
        return "%s:%d".formatted(port.hostAddress().isEmpty() ? "0.0.0.0" : port.hostAddress(), port.hostPort());
    }

    /** {@code 80/tcp}. */
    static String inside(Port port) {
        return "%d/%s".formatted(port.port(), port.protocol().name().toLowerCase(Locale.ROOT));
    }
}
