package io.tailrace.cli;

import io.tailrace.client.NetworkSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace network create}. */
@Command(
        name = "create",
        header = "Make a network and print its id.",
        footer = {
            "",
            "Examples:",
            "  tailrace network create shop",
            "  tailrace network create --internal --subnet 172.30.1.0/24 --gateway 172.30.1.254 vault"
        })
final class NetworkCreateCommand extends Verb {
    @Option(names = "--subnet", paramLabel = "RANGE", description = "Its IPv4 addresses (default: some that are free).")
    private @Nullable String subnet;

    @Option(
            names = "--gateway",
            paramLabel = "ADDRESS",
            description = "The host's address in its subnet (default: the first).")
    private @Nullable String gateway;

    @Option(names = "--internal", description = "Without a way out.")
    private boolean isInternal;

    @Option(names = "--label", paramLabel = "NAME[=VALUE]", description = "Add a label.")
    private List<String> labels = new ArrayList<>();

    @Parameters(paramLabel = "NAME", description = "Its name.")
    private String name = "";

    @Override
    public Integer call() {
        var spec = new NetworkSpec(name).labels(LabelFlags.parse(labels));
        if (subnet != null) {
            spec.subnet(subnet);
        }
        if (gateway != null) {
            spec.gateway(gateway);
        }
        if (isInternal) {
            spec.internal();
        }
        try (var session = ServerSession.open(tool())) {
            streams().println(session.tailrace().networks().create(spec).id());
        }
        return ExitCodes.OK;
    }
}
