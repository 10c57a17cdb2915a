package io.tailrace.cli;

import io.tailrace.client.Port;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tailrace port}. */
@Command(
        name = "port",
        header = "Show where a container's ports are published.",
        footer = {"", "Examples:", "  tailrace port web", "  curl http://$(tailrace port web 80)/"})
final class PortCommand extends Verb {
    @Parameters(index = "0", paramLabel = "CONTAINER", description = "Id, prefix of one, or name.")
    private String container = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "PORT[/udp]", description = "Only this one of its ports.")
    private @Nullable String port;

    @Override
    public Integer call() {
        List<Port> ports;
        try (var tailrace = connect()) {
            ports = tailrace.containers().get(container).inspect().ports();
        }
        if (port == null) {
            ports.forEach(each -> streams().println(Ports.inside(each) + " -> " + Ports.host(each)));
            return ExitCodes.OK;
        }
        var wanted = port.contains("/") ? port : port + "/tcp";
        var found =
                ports.stream().filter(each -> Ports.inside(each).equals(wanted)).toList();
        if (found.isEmpty()) {
            throw new CliException("port: %s is not published by %s (expected: one of %s)"
                    .formatted(
                            wanted, container, ports.stream().map(Ports::inside).toList()));
        }
        found.forEach(each -> streams().println(Ports.host(each)));
        return ExitCodes.OK;
    }
}
