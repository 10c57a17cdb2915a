package io.tailrace.cli;

import io.tailrace.client.ContainerSpec;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** docker's flags for what of the host a container gets to see: names, devices, an init program. */
final class HostFlags {
    @Option(
            names = "--add-host",
            paramLabel = "NAME:ADDRESS",
            description = "A name that the container resolves by itself; host-gateway: the host's address.")
    private List<String> hosts = new ArrayList<>();

    @Option(names = "--dns", paramLabel = "ADDRESS", description = "Ask this server for names.")
    private List<String> dnsServers = new ArrayList<>();

    @Option(names = "--dns-search", paramLabel = "DOMAIN", description = "Look for short names there; .: nowhere.")
    private List<String> dnsSearches = new ArrayList<>();

    @Option(
            names = {"--dns-option", "--dns-opt"},
            paramLabel = "OPTION",
            description = "As in resolv.conf: ndots:2.")
    private List<String> dnsOptions = new ArrayList<>();

    @Option(
            names = "--device",
            paramLabel = "SOURCE[:TARGET[:rwm]]",
            description = "Let it use a device of the server's host.")
    private List<String> devices = new ArrayList<>();

    @Option(names = "--init", description = "Run an init program as pid 1, which reaps orphans.")
    private boolean hasInit;

    void set(ContainerSpec spec) {
        hosts.forEach(text -> host(spec, text));
        dnsServers.forEach(spec::dns);
        dnsSearches.forEach(spec::dnsSearch);
        dnsOptions.forEach(spec::dnsOption);
        devices.forEach(text -> device(spec, text));
        if (hasInit) {
            spec.init();
        }
    }

    private static void host(ContainerSpec spec, String text) {
        // An IPv6 address has colons of its own.
        int end = text.indexOf(text.indexOf('=') < 0 ? ':' : '=');
        if (end < 1 || end == text.length() - 1) {
            throw new CliException("add-host: \"%s\" (expected: NAME:ADDRESS)".formatted(text));
        }
        spec.host(text.substring(0, end), text.substring(end + 1));
    }

    private static void device(ContainerSpec spec, String text) {
        String[] parts = text.split(":", -1);
        boolean isRight = parts[0].startsWith("/") && parts.length <= 3;
        // docker takes the access in second place, too.
        boolean hasAccessSecond = parts.length == 2 && !parts[1].startsWith("/");
        if (!isRight || (parts.length > 1 && parts[1].isEmpty())) {
            throw new CliException(
                    "device: \"%s\" (expected: /SOURCE, /SOURCE:/TARGET or /SOURCE:/TARGET:rwm)".formatted(text));
        }
        String target = parts.length > 1 && !hasAccessSecond ? parts[1] : parts[0];
        String access = hasAccessSecond ? parts[1] : parts.length > 2 ? parts[2] : "rwm";
        spec.device(parts[0], target, access);
    }
}
