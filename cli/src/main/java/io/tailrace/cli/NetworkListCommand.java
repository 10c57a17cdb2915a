package io.tailrace.cli;

import io.tailrace.client.Network;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tailrace network ls}. */
@Command(
        name = "ls",
        aliases = "list",
        header = "List networks.",
        footer = {"", "Example:", "  tailrace network ls --filter label=app=web -q"})
final class NetworkListCommand extends Verb {
    @Mixin
    private ListFlags list = new ListFlags();

    @Option(
            names = {"-f", "--filter"},
            paramLabel = "label=NAME[=VALUE]",
            description = "Only those with this label; all must hold.")
    private List<String> filters = new ArrayList<>();

    @Override
    public Integer call() {
        var labels = LabelFlags.parseFilters(filters);
        List<Network> networks;
        try (var session = ServerSession.open(tool())) {
            networks = session.tailrace().networks().list(labels);
        }
        list.print(streams(), networks, Network::id, this::table);
        return ExitCodes.OK;
    }

    private String table(List<Network> networks) {
        var now = Instant.now();
        var table = new Table("NETWORK ID", "NAME", "SUBNET", "GATEWAY", "CREATED", "KIND");
        for (var network : networks) {
            table.row(
                    list.shown(network.id()),
                    network.name(),
                    network.subnet(),
                    network.gateway(),
                    Words.age(Duration.between(network.createdAt(), now)) + " ago",
                    network.isInternal() ? "internal" : "bridge");
        }
        return table.toString();
    }
}
