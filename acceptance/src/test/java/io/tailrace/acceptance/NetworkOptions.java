package io.tailrace.acceptance;

import static io.tailrace.acceptance.OptionRow.row;

import io.tailrace.api.v1.Dns;
import io.tailrace.api.v1.HostEntry;
import io.tailrace.api.v1.NetworkAttachment;
import io.tailrace.api.v1.NetworkMode;
import io.tailrace.api.v1.Port;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Rows of the table of options: networks, ports and names. */
final class NetworkOptions {
    /** All of them, in the order of the table. An option that is added has its row here. */
    static List<OptionRow> all(OptionPlace place) {
        return List.of(
                row("network none", spec -> spec, "ls /sys/class/net | grep -c eth", "0"),
                row(
                        "network host",
                        spec -> spec.setNetwork(NetworkMode.NETWORK_MODE_HOST),
                        "readlink /proc/self/ns/net",
                        hostNetwork()),
                row(
                        "network bridge",
                        spec -> spec.setNetwork(NetworkMode.NETWORK_MODE_BRIDGE),
                        "ip -4 addr show eth0 | grep -c inet",
                        "1"),
                network(
                        "user-defined network",
                        NetworkAttachment.newBuilder(),
                        "ip -4 addr show eth0 | grep -c inet",
                        "1"),
                network(
                        "user-defined network: alias",
                        NetworkAttachment.newBuilder().addAliases("www"),
                        "[ $(ping -c 1 -w 10 www | head -n 1 | cut -d'(' -f2 | cut -d')' -f1) = "
                                + "$(ip -4 -o addr show eth0 | grep -oE '([0-9]+\\.){3}[0-9]+' | head -n 1) ] && echo its own",
                        "its own"),
                network(
                        "user-defined network: address",
                        NetworkAttachment.newBuilder().setAddress(place.address()),
                        "ip -4 -o addr show eth0 | grep -oE '([0-9]+\\.){3}[0-9]+' | head -n 1",
                        place.address()),
                row(
                        "published ports",
                        spec -> spec.setNetwork(NetworkMode.NETWORK_MODE_BRIDGE)
                                .addPorts(Port.newBuilder()
                                        .setHostAddress("127.0.0.1")
                                        .setPort(80)),
                        "sleep 600",
                        (server, id) ->
                                server.api().get(id).getPorts(0).getHostPort() > 0 ? "published" : "not published",
                        "published"),
                row(
                        "published UDP port at one of the host's",
                        spec -> spec.setNetwork(NetworkMode.NETWORK_MODE_BRIDGE)
                                .addPorts(Port.newBuilder()
                                        .setHostAddress("127.0.0.1")
                                        .setHostPort(place.udpPort())
                                        .setPort(53)
                                        .setProtocol(Port.Protocol.PROTOCOL_UDP)),
                        "sleep 600",
                        (server, id) -> Integer.toString(
                                server.api().get(id).getPorts(0).getHostPort()),
                        Integer.toString(place.udpPort())),
                row(
                        "hosts",
                        spec -> spec.addHosts(
                                HostEntry.newBuilder().setName("db").setAddress("192.0.2.7")),
                        "grep db /etc/hosts | cut -f1",
                        "192.0.2.7"),
                row(
                        "hosts: host-gateway",
                        spec -> spec.setNetwork(NetworkMode.NETWORK_MODE_BRIDGE)
                                .addHosts(HostEntry.newBuilder().setName("up").setAddress("host-gateway")),
                        "grep up /etc/hosts | grep -cE '^10\\.|^172\\.|^192\\.'",
                        "1"),
                row(
                        "DNS servers, searches, options",
                        spec -> spec.setDns(Dns.newBuilder()
                                .addServers("192.0.2.53")
                                .addSearches("example.com")
                                .addOptions("ndots:2")),
                        "echo $(grep -E '^(nameserver|search|options)' /etc/resolv.conf | sort)",
                        "nameserver 192.0.2.53 options ndots:2 search example.com"));
    }

    private static OptionRow network(
            String option, NetworkAttachment.Builder attachment, String script, String expected) {
        return row(
                option,
                spec -> spec.clearNetwork().addNetworks(attachment.setNetwork(OptionPlace.NETWORK)),
                script,
                expected);
    }

    private static String hostNetwork() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private NetworkOptions() {}
}
