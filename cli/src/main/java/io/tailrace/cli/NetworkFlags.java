package io.tailrace.cli;

import io.tailrace.client.ContainerSpec;
import io.tailrace.client.NetworkAttachment;
import io.tailrace.client.NetworkMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** docker's flags for the networks that a container is connected to. */
final class NetworkFlags {
    private static final Set<String> MODES = Set.of("bridge", "default", "host", "none");

    @Option(
            names = {"--network", "--net"},
            paramLabel = "NETWORK",
            description =
                    "bridge (default), host, none, or a network that was made before; may be repeated for several of "
                            + "those. Also as name=NETWORK,alias=NAME,ip=ADDRESS.")
    private List<String> networks = new ArrayList<>();

    @Option(
            names = {"--network-alias", "--net-alias"},
            paramLabel = "NAME",
            description = "Another name under which the others in its networks find it.")
    private List<String> aliases = new ArrayList<>();

    @Option(names = "--ip", paramLabel = "ADDRESS", description = "Its address in its network, where that is one.")
    private @Nullable String address;

    void set(ContainerSpec spec) {
        List<NetworkAttachment> attachments = new ArrayList<>();
        for (var text : networks) {
            if (!MODES.contains(text.toLowerCase(Locale.ROOT))) {
                attachments.add(attachment(text));
            }
        }
        if (attachments.size() < networks.size()) {
            setMode(spec, attachments);
        }
        if (attachments.isEmpty() && (address != null || !aliases.isEmpty())) {
            throw new CliException("%s: only with --network and a network that was made before"
                    .formatted(address == null ? "network-alias" : "ip"));
        }
        if (address != null && attachments.size() > 1) {
            throw new CliException("ip: \"%s\" (expected: one network; of several each as name=NETWORK,ip=ADDRESS)"
                    .formatted(address));
        }
        for (var attachment : attachments) {
            List<String> names = new ArrayList<>(attachment.aliases());
            names.addAll(aliases);
            spec.network(new NetworkAttachment(
                    attachment.network(), names, address == null ? attachment.address() : address));
        }
    }

    private void setMode(ContainerSpec spec, List<NetworkAttachment> attachments) {
        if (!attachments.isEmpty() || Set.copyOf(networks).size() > 1) {
            throw new CliException(
                    "network: %s (expected: one of bridge, host and none, or only networks that were made)"
                            .formatted(networks));
        }
        String mode = networks.getFirst().toLowerCase(Locale.ROOT);
        spec.network(NetworkMode.valueOf((mode.equals("default") ? "bridge" : mode).toUpperCase(Locale.ROOT)));
    }

    private static NetworkAttachment attachment(String text) {
        if (!text.contains("=")) {
            return new NetworkAttachment(text, List.of(), "");
        }
        String name = "";
        String own = "";
        List<String> names = new ArrayList<>();
        for (var part : text.split(",")) {
            int equals = part.indexOf('=');
            String value = part.substring(equals + 1);
            switch (equals < 0 ? "" : part.substring(0, equals)) {
                case "name" -> name = value;
                case "alias" -> names.add(value);
                case "ip" -> own = value;
                default ->
                    throw new CliException(
                            "network: \"%s\" (expected: name=NETWORK,alias=NAME,ip=ADDRESS)".formatted(text));
            }
        }
        return new NetworkAttachment(name, names, own);
    }
}
