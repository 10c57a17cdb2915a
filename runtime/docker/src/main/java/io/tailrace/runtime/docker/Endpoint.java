package io.tailrace.runtime.docker;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an engine listens.
 *
 * @param text as people write it: {@code unix:///run/docker.sock} or {@code tcp://host:port}
 */
record Endpoint(String text) {
    private static final String UNIX = "unix://";
    private static final Pattern TCP = Pattern.compile("tcp://(\\[[^]]+]|[^:/\\[\\]]+):([0-9]{1,5})/?");
    private static final int PORT_MAX = 65_535;

    /**
     * Reads an address; a path alone is a unix socket.
     *
     * @throws IllegalArgumentException for anything else
     */
    static Endpoint parse(String text) {
        Endpoint endpoint = new Endpoint(text.startsWith("/") ? UNIX + text : text);
        if (endpoint.text.length() > UNIX.length() && endpoint.text.startsWith(UNIX + "/")) {
            return endpoint;
        }
        Matcher tcp = TCP.matcher(text);
        if (!tcp.matches() || Integer.parseInt(tcp.group(2)) > PORT_MAX) {
            throw new IllegalArgumentException(
                    "socket: %s (expected: a path, unix:///path or tcp://host:port)".formatted(text));
        }
        return endpoint;
    }

    /** The address to connect to; a host name is looked up. */
    SocketAddress address() {
        if (text.startsWith(UNIX)) {
            return UnixDomainSocketAddress.of(Path.of(text.substring(UNIX.length())));
        }
        Matcher tcp = TCP.matcher(text);
        if (!tcp.matches()) {
            throw new IllegalStateException(text);
        }
        return new InetSocketAddress(tcp.group(1), Integer.parseInt(tcp.group(2)));
    }
}
