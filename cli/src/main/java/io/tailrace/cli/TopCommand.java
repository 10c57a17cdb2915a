package io.tailrace.cli;

import io.tailrace.client.ProcessEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace top}. */
@Command(
        name = "top",
        header = "Show the processes of a container, with their numbers on the server's host.",
        footer = {"", "Examples:", "  tailrace top web", "  tailrace top --json web | jq '.[].pid'"})
final class TopCommand extends Verb {
    private static final double NANOS_PER_SECOND = 1e9;

    @Option(names = "--json", description = "As JSON.")
    private boolean isJson;

    @Parameters(index = "0", paramLabel = "CONTAINER", description = "Id, prefix of one, or name.")
    private String container = "";

    @Override
    public Integer call() {
        List<ProcessEntry> processes;
        try (var tailrace = connect()) {
            processes = tailrace.containers().get(container).top();
        }
        streams().print(isJson ? Json.pretty(processes) + "\n" : table(processes));
        return ExitCodes.OK;
    }

    private static String table(List<ProcessEntry> processes) {
        var now = Instant.now();
        var table = new Table("PID", "PPID", "USER", "STARTED", "CPU TIME", "MEMORY", "COMMAND");
        for (var process : processes) {
            table.row(
                    Long.toString(process.pid()),
                    Long.toString(process.parentPid()),
                    Integer.toUnsignedString(process.user()),
                    Words.age(Duration.between(process.startedAt(), now)) + " ago",
                    "%.2fs".formatted(process.cpuNanos() / NANOS_PER_SECOND),
                    Words.bytes(process.memoryBytes()),
                    String.join(" ", process.arguments()).replace("\n", "\\n"));
        }
        return table.toString();
    }
}
