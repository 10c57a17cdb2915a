package io.tailrace.server;

import io.tailrace.engine.HostAccess;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * What of the host a server's containers may be given. Unless it is configured: everything where only who is on this machine
 * already can call, and nothing where a token lets others in, who would have the host by it.
 */
final class HostRights {
    static final List<String> AUTO = List.of("auto");

    private HostRights() {}

    static HostAccess of(ServerConfig.Listen listen, ServerConfig.Access access) {
        boolean isOpen = isLoopback(listen.host())
                && access.tokens().isEmpty()
                && access.tokenFile().isEmpty();
        return new HostAccess(
                paths("access.binds", access.binds(), isOpen),
                paths("access.devices", access.devices(), isOpen),
                switch (access.privileged()) {
                    case AUTO -> isOpen;
                    case ALLOW -> true;
                    case REFUSE -> false;
                });
    }

    private static List<Path> paths(String what, List<String> configured, boolean isOpen) {
        return configured.equals(AUTO)
                ? isOpen ? HostAccess.ALL.binds() : List.of()
                : configured.stream().map(text -> path(what, text)).toList();
    }

    private static Path path(String what, String text) {
        try {
            Path path = Path.of(text);
            if (path.isAbsolute()) {
                return path.normalize();
            }
        } catch (InvalidPathException e) {
            // Refused below.
        }
        throw new ConfigException("%s: %s (expected: absolute paths, or auto alone)".formatted(what, text));
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false; // refused where it is to be listened on
        }
    }
}
