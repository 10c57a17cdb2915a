package io.tailrace.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a server may listen: checked before anything is opened. */
final class ListenAddresses {
    private static final Logger log = LoggerFactory.getLogger(ListenAddresses.class);

    /** The kernel's bound on a unix socket's path (unix(7)), without the final zero. */
    private static final int UNIX_PATH_BYTES_MAX = 107;

    private ListenAddresses() {}

    /** The address to bind. Anything but loopback needs a token: what listens there can start containers as root. */
    static InetAddress host(ServerConfig.Listen listen, boolean hasToken) {
        InetAddress address;
        try {
            address = InetAddress.getByName(listen.host());
        } catch (UnknownHostException e) {
            throw new ConfigException("listen.host: %s (expected: an address)".formatted(listen.host()), e);
        }
        if (!address.isLoopbackAddress() && !hasToken) {
            throw new ConfigException(
                    "listen.host: %s is not a loopback address, and there is no token: anyone who reaches it could run"
                                    .formatted(listen.host())
                            + " containers (expected: TAILRACE_TOKEN, access.tokens or access.tokenFile set, or"
                            + " 127.0.0.1)");
        }
        return address;
    }

    /**
     * Readies the place of a unix socket: its directory is made, and a socket on which nobody listens any more is
     * removed. Null if there is to be none.
     */
    static @Nullable Path unixSocket(ServerConfig.Listen listen) {
        if (listen.unixSocket().isEmpty()) {
            return null;
        }
        Path path = Path.of(listen.unixSocket()).toAbsolutePath();
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > UNIX_PATH_BYTES_MAX) {
            throw new ConfigException(
                    "listen.unixSocket: %s (expected: at most %d bytes)".formatted(path, UNIX_PATH_BYTES_MAX));
        }
        try {
            // Between the binding of the socket and its own mode, the directory keeps others out.
            Files.createDirectories(
                    path.getParent(),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            if (Files.exists(path)) {
                if (isListenedOn(path)) {
                    throw new ConfigException(
                            "listen.unixSocket: another server listens on %s (expected: a path of this server's own)"
                                    .formatted(path));
                }
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new ConfigException("listen.unixSocket: %s: %s".formatted(path, e), e);
        }
        return path;
    }

    /** Whether a port can be listened on. The second port is a convenience: that it is taken stops nobody. */
    static boolean isFree(InetAddress host, int port) {
        try (var socket = new ServerSocket(port, 1, host)) {
            return socket.isBound();
        } catch (IOException e) {
            log.warn("listen.secondPort: {} is taken; going without", port);
            return false;
        }
    }

    /** Lets only the owner open a socket. */
    static void restrict(Path unixSocket) throws IOException {
        Files.setPosixFilePermissions(unixSocket, PosixFilePermissions.fromString("rw-------"));
    }

    private static boolean isListenedOn(Path path) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            return false;
        }
    }
}
