package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerSpec.Dns;
import io.tailrace.runtime.spi.ContainerSpec.HostEntry;
import io.tailrace.runtime.spi.ContainerSpec.NetworkMode;
import io.tailrace.runtime.spi.ContainerSpec.Port;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
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

    private NetworkChecks() {}

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
