package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerSpec.Dns;
import io.tailrace.runtime.spi.ContainerSpec.HostEntry;
import io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment;
import io.tailrace.runtime.spi.ContainerSpec.NetworkMode;
import io.tailrace.runtime.spi.ContainerSpec.Port;
import io.tailrace.runtime.spi.Network;
import io.tailrace.runtime.spi.NetworkSpec;
import io.tailrace.runtime.spi.Subnet;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** As {@link Checks}, for what a request says of names and networks. */
final class NetworkChecks {
    /** The resolvers that glibc asks, {@code MAXNS} of resolv.h; more are ignored by it. */
    private static final int DNS_SERVERS_MAX = 3;

    private static final int PORT_MAX = 65_535;
    private static final Pattern ADDRESS = Pattern.compile("\\d+(\\.\\d+){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final Pattern DOMAIN = Pattern.compile("[a-zA-Z0-9_]([a-zA-Z0-9_.-]{0,252})");
    private static final Pattern DNS_OPTION = Pattern.compile("[a-z0-9-]{1,30}(:\\d{1,5})?");

    /** As many as a container's interfaces are worth looking through. */
    private static final int NETWORKS_MAX = 8;

    private static final int ALIASES_MAX = 32;
    private static final int PREFIX_MIN = 8;
    /** Of /29 on: room for the host and five containers. */
    private static final int PREFIX_MAX = 29;

    private static final int LABELS_BYTES_MAX = 64 << 10;
    private static final Pattern NETWORK_NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
    private static final Pattern ALIAS = Pattern.compile("[a-zA-Z0-9_]([a-zA-Z0-9_.-]{0,62})");
    private static final Pattern ALIAS_LIKE_ADDRESS = Pattern.compile("[0-9.]+");
    private static final Set<String> RESERVED = Set.of("host", "bridge", "none", "default");
    /** This host, its loopback interface, its links, groups and the rest: RFC 6890. */
    private static final List<Subnet> UNUSABLE =
            List.of("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3").stream()
                    .map(Subnet::parse)
                    .toList();

    private NetworkChecks() {}

    static void network(NetworkSpec spec) {
        String name = spec.name();
        Checks.check(
                NETWORK_NAME.matcher(name).matches(),
                "network name",
                name,
                "1 to 128 of [a-zA-Z0-9_.-], beginning with a letter or digit");
        Checks.check(!isReserved(name), "network name", name, "none of host, bridge, none and default");
        Checks.labels(spec.labels());
        long bytes = spec.labels().entrySet().stream()
                .mapToLong(label -> (label.getKey() + label.getValue()).getBytes(StandardCharsets.UTF_8).length)
                .sum();
        Checks.check(bytes <= LABELS_BYTES_MAX, "label bytes", bytes, "at most " + LABELS_BYTES_MAX);
        Checks.check(
                spec.gateway().isEmpty() || !spec.subnet().isEmpty(),
                "gateway",
                spec.gateway(),
                "none without a subnet that it is in");
        if (!spec.subnet().isEmpty()) {
            Subnet subnet = subnet(spec.subnet());
            if (!spec.gateway().isEmpty()) {
                Checks.check(
                        isHostOf(subnet, spec.gateway()),
                        "gateway",
                        spec.gateway(),
                        "an address of a host in " + subnet);
            }
        }
    }

    private static boolean isReserved(String name) {
        return RESERVED.contains(name.toLowerCase(Locale.ROOT));
    }

    private static Subnet subnet(String text) {
        String expected = "an IPv4 range by its first address, with a prefix of %d to %d, such as 172.30.1.0/24"
                .formatted(PREFIX_MIN, PREFIX_MAX);
        Subnet subnet;
        try {
            subnet = Subnet.parse(text);
        } catch (IllegalArgumentException notOne) {
            throw Checks.invalid("subnet", text, expected);
        }
        Checks.check(subnet.prefix() >= PREFIX_MIN && subnet.prefix() <= PREFIX_MAX, "subnet", text, expected);
        Checks.check(
                UNUSABLE.stream().noneMatch(subnet::overlaps), "subnet", text, "one that hosts of a network may have");
        return subnet;
    }

    private static boolean isHostOf(Subnet subnet, String address) {
        try {
            return subnet.hasHost(Subnet.number(address));
        } catch (IllegalArgumentException notAnAddress) {
            return false;
        }
    }

    /** What a request says of user-defined networks, whether or not there are such. */
    static void attachments(List<NetworkAttachment> networks, NetworkMode mode) {
        Checks.check(networks.size() <= NETWORKS_MAX, "networks", networks.size(), "at most " + NETWORKS_MAX);
        Checks.check(
                networks.isEmpty() || mode == NetworkMode.BRIDGE,
                "networks",
                networks.size(),
                "none with network " + mode.name().toLowerCase(Locale.ROOT));
        for (NetworkAttachment attachment : networks) {
            String network = attachment.network();
            Checks.check(NETWORK_NAME.matcher(network).matches(), "network", network, "a name or an id");
            Checks.check(!isReserved(network), "network", network, "a user-defined one");
            Checks.check(
                    attachment.aliases().size() <= ALIASES_MAX,
                    "aliases in network " + network,
                    attachment.aliases().size(),
                    "at most " + ALIASES_MAX);
            for (String alias : attachment.aliases()) {
                Checks.check(
                        ALIAS.matcher(alias).matches()
                                && !ALIAS_LIKE_ADDRESS.matcher(alias).matches()
                                && !alias.equalsIgnoreCase(ContainerNames.LOCALHOST),
                        "alias",
                        alias,
                        "1 to 63 of [a-zA-Z0-9_.-] that are no address and not localhost");
            }
            String address = attachment.address();
            Checks.check(
                    address.isEmpty() || (isAddress(address) && address.indexOf(':') < 0),
                    "address in network " + network,
                    address,
                    "an IPv4 address, or empty");
        }
    }

    /** Whether a request goes with the networks that it names. @param found those networks, in the request's order */
    static void fits(NewContainer request, List<Network> found) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < found.size(); i++) {
            Network network = found.get(i);
            String address = request.networks().get(i).address();
            Checks.check(names.add(network.name()), "network", network.name(), "each once");
            Checks.check(
                    address.isEmpty()
                            || (isHostOf(Subnet.parse(network.subnet()), address)
                                    && !address.equals(network.gateway())),
                    "address in network " + network.name(),
                    address,
                    "one of a host in %s other than its gateway %s".formatted(network.subnet(), network.gateway()));
        }
        Checks.check(
                request.ports().isEmpty() || found.stream().anyMatch(network -> !network.isInternal()),
                "ports",
                request.ports().size(),
                "none where all networks are internal");
    }

    static void hosts(List<HostEntry> hosts) {
        Checks.count("hosts", hosts.size());
        for (HostEntry entry : hosts) {
            Checks.check(DOMAIN.matcher(entry.name()).matches(), "host", entry.name(), "a host name");
            Checks.check(
                    entry.address().equals(HostEntry.GATEWAY) || isAddress(entry.address()),
                    "host " + entry.name(),
                    entry.address(),
                    "an IPv4 or IPv6 address, or " + HostEntry.GATEWAY);
        }
    }

    static void dns(Dns dns) {
        Checks.check(
                dns.servers().size() <= DNS_SERVERS_MAX,
                "dns servers",
                dns.servers().size(),
                "at most " + DNS_SERVERS_MAX);
        for (String server : dns.servers()) {
            Checks.check(isAddress(server), "dns server", server, "an IPv4 or IPv6 address");
        }
        Checks.count("dns searches", dns.searches().size());
        for (String domain : dns.searches()) {
            boolean isNone = domain.equals(".") && dns.searches().size() == 1;
            Checks.check(
                    isNone || DOMAIN.matcher(domain).matches(), "dns search", domain, "a domain, or . alone for none");
        }
        Checks.count("dns options", dns.options().size());
        for (String option : dns.options()) {
            Checks.check(DNS_OPTION.matcher(option).matches(), "dns option", option, "such as ndots:2");
        }
    }

    static void ports(List<Port> ports, NetworkMode network) {
        Checks.count("ports", ports.size());
        Checks.check(
                ports.isEmpty() || network == NetworkMode.BRIDGE,
                "ports",
                ports.size(),
                "none without the bridge network");
        Set<String> hostPorts = new HashSet<>();
        for (Port port : ports) {
            Checks.check(isPort(port.port()), "port", port.port(), "1 to 65535");
            Checks.check(port.hostPort() == 0 || isPort(port.hostPort()), "host port", port.hostPort(), "0 to 65535");
            Checks.check(
                    port.hostAddress().isEmpty()
                            || (isAddress(port.hostAddress())
                                    && port.hostAddress().indexOf(':') < 0),
                    "host address of port " + port.port(),
                    port.hostAddress(),
                    "an IPv4 address of the host, or empty");
            Checks.check(
                    port.hostPort() == 0
                            || hostPorts.add(
                                    "%s:%d/%s".formatted(port.hostAddress(), port.hostPort(), port.protocol())),
                    "host port",
                    port.hostPort(),
                    "each once");
        }
    }

    private static boolean isPort(int number) {
        return number >= 1 && number <= PORT_MAX;
    }

    /** Short forms such as 10.1 and IPv6 zones mean one thing here and another in a container. */
    private static boolean isAddress(String text) {
        if (!ADDRESS.matcher(text).matches()) {
            return false;
        }
        try {
            InetAddress.ofLiteral(text);
            return true;
        } catch (IllegalArgumentException notAnAddress) {
            return false;
        }
    }
}
