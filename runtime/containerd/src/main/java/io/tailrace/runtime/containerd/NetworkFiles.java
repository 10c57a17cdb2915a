package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Dns;
import io.tailrace.runtime.spi.ContainerSpec.HostEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The files in /etc that tell a container its own name and address and where to ask for others.
 *
 * @param directory of the container; each file is mounted from there
 * @param hostname the name it is told
 * @param address its own, if it has one beyond loopback
 * @param gateway the host, as the container reaches it
 * @param isHost whether it sees the host's network
 */
record NetworkFiles(
        Path directory, String hostname, Optional<String> address, Optional<String> gateway, boolean isHost) {
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
    private static final List<String> PUBLIC_RESOLVERS = List.of("8.8.8.8", "8.8.4.4");

    static NetworkFiles onBridge(Path directory, String hostname, BridgeNetwork.Place place) {
        return new NetworkFiles(
                directory,
                hostname,
                Optional.of(place.address().getHostAddress()),
                Optional.of(place.gateway().getHostAddress()),
                false);
    }

    static NetworkFiles alone(Path directory, String hostname) {
        return new NetworkFiles(directory, hostname, Optional.empty(), Optional.empty(), false);
    }

    static NetworkFiles ofHost(Path directory, String hostname) {
        return new NetworkFiles(directory, hostname, Optional.empty(), Optional.of("127.0.0.1"), true);
    }

    /** @param isNamed whether names of others in its networks follow in hosts, by {@link NetworkNames} */
    void write(ContainerSpec spec, boolean isNamed) throws IOException {
        String base = isHost ? contents("/etc/hosts").orElse(LOCALHOST) : LOCALHOST;
        StringBuilder hosts = new StringBuilder(base.isEmpty() || base.endsWith("\n") ? base : base + "\n");
        for (HostEntry entry : spec.hosts()) {
            hosts.append(resolved(entry)).append('\t').append(entry.name()).append('\n');
        }
        if (isNamed) {
            Files.writeString(new ContainerDirectory(directory).hostsBase(), hosts);
        }
        write("hosts", hosts + ownLine());
        write("hostname", hostname + "\n");
        write("resolv.conf", resolvers(spec.dns()));
    }

    /** After the machine was restarted: the container has another address, and all else stays as it is. */
    void rewriteOwnAddress() throws IOException {
        String hosts = Files.readString(directory.resolve("hosts"));
        int own = hosts.lastIndexOf('\n', hosts.length() - 2) + 1;
        write("hosts", hosts.substring(0, own) + ownLine());
    }

    /** Stands last. */
    private String ownLine() {
        return address.map(known -> "%s\t%s\n".formatted(known, hostname)).orElse("");
    }

    private String resolved(HostEntry entry) {
        return entry.address().equals(HostEntry.GATEWAY)
                ? gateway.orElseThrow(() -> new ContainerRuntimeException(
                        Code.INVALID_ARGUMENT,
                        "host %s: %s (expected: an address, because without a network there is no way to the host)"
                                .formatted(entry.name(), entry.address())))
                : entry.address();
    }

    private String resolvers(Dns dns) {
        String host = isHost ? contents("/etc/resolv.conf").orElse("") : hostResolvers();
        if (dns.equals(Dns.DEFAULT) && isHost) {
            return host;
        }
        List<String> servers = dns.servers().isEmpty() ? reachable(values(host, "nameserver")) : dns.servers();
        List<String> searches = dns.searches().isEmpty()
                ? values(host, "search")
                : dns.searches().equals(List.of(".")) ? List.of() : dns.searches();
        List<String> options = dns.options().isEmpty() ? values(host, "options") : dns.options();
        List<String> lines = new ArrayList<>();
        servers.forEach(server -> lines.add("nameserver " + server));
        if (!searches.isEmpty()) {
            lines.add("search " + String.join(" ", searches));
        }
        if (!options.isEmpty()) {
            lines.add("options " + String.join(" ", options));
        }
        return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    /** What follows a keyword of a resolv.conf, in the order it stands there. */
    private static List<String> values(String resolvers, String keyword) {
        return resolvers
                .lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(words -> words[0].equals(keyword))
                .flatMap(words -> List.of(words).stream().skip(1))
                .toList();
    }

    /** Without those on the host's own loopback interface, unless that is what the container sees. */
    private List<String> reachable(List<String> servers) {
        List<String> reachable = isHost
                ? servers
                : servers.stream()
                        .filter(server -> !server.startsWith("127.") && !server.equals("::1"))
                        .toList();
        return reachable.isEmpty() ? PUBLIC_RESOLVERS : reachable;
    }

    private static String hostResolvers() {
        return contents("/run/systemd/resolve/resolv.conf")
                .or(() -> contents("/etc/resolv.conf"))
                .orElse("");
    }

    /** Everybody in the container may read it, whatever this server's umask. */
    private void write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static Optional<String> contents(String file) {
        try {
            return Optional.of(Files.readString(Path.of(file)));
        } catch (IOException absentOrUnreadable) {
            return Optional.empty();
        }
    }
}
