package io.tailrace.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a server listens: a unix socket, or host and port with or without TLS.
 *
 * @param socket path of the unix socket; null for TCP
 * @param host name or address; empty for a unix socket
 * @param port 1 to 65535; 0 for a unix socket
 */
record Endpoint(@Nullable Path socket, String host, int port, boolean isTls) {
    private static final int PORT_DEFAULT = 8080;
    private static final int PORT_MAX = 65_535;
    private static final int PROBE_TIMEOUT_MILLIS = 1_000;
    private static final String EXPECTED = "(expected: unix:///path/to/socket, http://host:port or https://host:port)";

    static Endpoint parse(String address) {
        if (address.startsWith("unix:")) {
            var path = address.substring("unix:".length()).replaceFirst("^//", "");
            if (!path.startsWith("/")) {
                throw invalid(address);
            }
            return new Endpoint(Path.of(path), "", 0, false);
        }
        if (address.startsWith("/")) {
            return new Endpoint(Path.of(address), "", 0, false);
        }
        // "tcp" because users of other container tools have it in their environment.
        var withScheme = address.contains("://") ? address : "http://" + address;
        try {
            var uri = URI.create(withScheme);
            var scheme = uri.getScheme();
            var host = uri.getHost();
            if (host == null || !(scheme.equals("http") || scheme.equals("https") || scheme.equals("tcp"))) {
                throw invalid(address);
            }
            boolean isTls = scheme.equals("https");
            int port = uri.getPort() >= 0 ? uri.getPort() : isTls ? 443 : PORT_DEFAULT;
            if (port == 0 || port > PORT_MAX) {
                throw invalid(address);
            }
            return new Endpoint(null, host, port, isTls);
        } catch (IllegalArgumentException e) {
            throw invalid(address);
        }
    }

    /** The server that is meant when nobody says which: see {@link Tailrace#connect}. */
    static Endpoint find(Map<String, String> environment) {
        var configured = environment.get("TAILRACE_HOST");
        return configured != null && !configured.isBlank() ? parse(configured.strip()) : local(environment);
    }

    /** The local server's: its unix socket if there is one, else its port. */
    static Endpoint local(Map<String, String> environment) {
        var socket = defaultSocket(environment);
        return Files.exists(socket)
                ? new Endpoint(socket, "", 0, false)
                : new Endpoint(null, "127.0.0.1", PORT_DEFAULT, false);
    }

    /** The unix socket that a server of this user listens on by default. */
    static Path defaultSocket(Map<String, String> environment) {
        if ("root".equals(System.getProperty("user.name"))) {
            return Path.of("/run/tailrace/tailrace.sock");
        }
        // By the XDG Base Directory Specification; where it is not followed, beside the server's data.
        var runtimeDirectory = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (!runtimeDirectory.isEmpty()) {
            return Path.of(runtimeDirectory, "tailrace.sock");
        }
        var dataHome = environment.getOrDefault("XDG_DATA_HOME", "");
        var data = dataHome.isEmpty() ? Path.of(System.getProperty("user.home"), ".local", "share") : Path.of(dataHome);
        return data.resolve("tailrace").resolve("tailrace.sock");
    }

    /** Whether something accepts connections there. */
    boolean isReachable() {
        try {
            if (socket != null) {
                try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                    return channel.connect(UnixDomainSocketAddress.of(socket));
                }
            }
            try (var probe = new Socket()) {
                probe.connect(new InetSocketAddress(host, port), PROBE_TIMEOUT_MILLIS);
                return true;
            }
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    private static TailraceException invalid(String address) {
        return new TailraceException(ErrorCode.INVALID_ARGUMENT, "address: \"%s\" %s".formatted(address, EXPECTED));
    }

    @Override
    public String toString() {
        if (socket != null) {
            return "unix://" + socket;
        }
        return (isTls ? "https://" : "http://") + host + ":" + port;
    }
}
