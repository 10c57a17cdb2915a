package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerSpec.Dns;
import io.tailrace.runtime.spi.ContainerSpec.HostEntry;
import java.net.InetAddress;
import java.util.List;
import java.util.regex.Pattern;

/** As {@link Checks}, for what a request says of names and networks. */
final class NetworkChecks {
    /** The resolvers that glibc asks, {@code MAXNS} of resolv.h; more are ignored by it. */
    private static final int DNS_SERVERS_MAX = 3;

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
