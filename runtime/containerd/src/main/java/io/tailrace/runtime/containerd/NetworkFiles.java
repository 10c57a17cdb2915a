package io.tailrace.runtime.containerd;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The files in /etc that tell a container its own name and address and where to ask for others. */
final class NetworkFiles {
    /** Each is a file in the container's directory and is mounted under /etc. */
    static final List<String> NAMES = List.of("hosts", "hostname", "resolv.conf");

    private static final String LOCALHOST = """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::0\tip6-localnet
            ff00::0\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            """;
    private static final String PUBLIC_RESOLVERS = "nameserver 8.8.8.8\nnameserver 8.8.4.4\n";

    private NetworkFiles() {}

    /** For a container with a network of its own. */
    static void write(Path directory, String hostname, Optional<InetAddress> address) throws IOException {
        String own = address.map(known -> "%s\t%s\n".formatted(known.getHostAddress(), hostname))
                .orElse("");
        write(directory.resolve("hosts"), LOCALHOST + own);
        write(directory.resolve("hostname"), hostname + "\n");
        write(directory.resolve("resolv.conf"), reachableResolvers());
    }

    /** For a container that sees the host's network. */
    static void writeHosts(Path directory, String hostname) throws IOException {
        write(directory.resolve("hosts"), contents("/etc/hosts").orElse(LOCALHOST));
        write(directory.resolve("hostname"), hostname + "\n");
        Files.writeString(
                directory.resolve("resolv.conf"), contents("/etc/resolv.conf").orElse(""));
    }

    /** Everybody in the container may read it, whatever this server's umask. */
    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    /** The host's resolvers, without those on its own loopback interface, which the container cannot reach. */
    private static String reachableResolvers() {
        String host = contents("/run/systemd/resolve/resolv.conf")
                .or(() -> contents("/etc/resolv.conf"))
                .orElse("");
        String reachable = host.lines()
                .filter(line -> !line.startsWith("#"))
                .filter(line -> !line.matches("nameserver\\s+(127\\.|::1).*"))
                .collect(Collectors.joining("\n", "", "\n"));
        return reachable.contains("nameserver") ? reachable : reachable + PUBLIC_RESOLVERS;
    }

    private static Optional<String> contents(String file) {
        try {
            return Optional.of(Files.readString(Path.of(file)));
        } catch (IOException absentOrUnreadable) {
            return Optional.empty();
        }
    }
}
