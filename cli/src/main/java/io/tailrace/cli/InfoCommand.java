package io.tailrace.cli;

import io.tailrace.client.ServerInfo;
import java.time.Duration;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace info}. */
@Command(name = "info", header = "Show the server and how it is.")
final class InfoCommand extends Verb {
    @Option(names = "--json", description = "As JSON.")
    private boolean isJson;

    @Override
    public Integer call() {
        try (var tailrace = connect()) {
            var info = tailrace.info();
            streams().print(isJson ? Json.pretty(info) + "\n" : text(tailrace.address(), info));
        }
        return ExitCodes.OK;
    }

    private String text(String address, ServerInfo info) {
        var style = new Style(streams().isOutputTerminal());
        var text = new StringBuilder();
        line(text, "server", address + ", version " + info.version());
        line(text, "up", Words.age(Duration.between(info.startedAt(), Instant.now())));
        line(text, "runtime", "%s %s at %s".formatted(info.runtime(), info.runtimeVersion(), info.runtimeEndpoint()));
        line(text, "abilities", String.join(", ", info.capabilities()));
        line(text, "containers", "%d, of which %d run".formatted(info.containers(), info.containersRunning()));
        line(text, "data", info.dataDirectory());
        line(text, "retention", Words.age(info.retention()) + " after removal");
        for (var problem : info.problems()) {
            text.append(style.yellow("problem     ")).append(problem).append('\n');
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append("%-11s %s%n".formatted(name, value));
    }
}
