package io.tailrace.cli;

import io.tailrace.client.ContainerInfo;
import io.tailrace.client.ErrorCode;
import io.tailrace.client.ListOptions;
import io.tailrace.client.Stats;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TailraceException;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace stats}. */
@Command(
        name = "stats",
        header = "Show what containers use: all that run, or those named.",
        footer = {
            "",
            "Examples:",
            "  tailrace stats",
            "  tailrace stats --no-stream --json web",
            "  tailrace stats --history web"
        })
final class StatsCommand extends Verb {
    @Option(names = "--no-stream", description = "Once, then end.")
    private boolean isOnce;

    @Option(
            names = "--history",
            description =
                    "What they used, by the samples that the server took (by default every 10 s, 20 minutes back).")
    private boolean isHistory;

    @Option(names = "--interval", paramLabel = "TIME", description = "How often (default: 1s).")
    private String interval = "1s";

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean isJson;

    @Parameters(arity = "0..*", paramLabel = "CONTAINER", description = "Ids, prefixes of them, or names.")
    private List<String> names = new ArrayList<>();

    private record Row(ContainerInfo container, Stats stats) {}

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

    @Override
    public Integer call() throws InterruptedException {
        var pause = Words.duration("interval", interval);
        try (var tailrace = connect()) {
            if (isHistory) {
                show(history(tailrace));
                return ExitCodes.OK;
            }
            while (true) {
                show(rows(tailrace));
                if (isOnce) {
                    return ExitCodes.OK;
                }
                TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            }
        }
    }

    private List<ContainerInfo> containers(Tailrace tailrace) {
        return names.isEmpty()
                ? tailrace.containers().list(ListOptions.running())
                : names.stream()
                        .map(name -> tailrace.containers().get(name).inspect())
                        .toList();
    }

    private List<Row> history(Tailrace tailrace) {
        List<Row> rows = new ArrayList<>();
        for (var container : containers(tailrace)) {
            tailrace.containers()
                    .get(container.id())
                    .statsHistory(0)
                    .forEach(stats -> rows.add(new Row(container, stats)));
        }
        return rows;
    }

    private List<Row> rows(Tailrace tailrace) {
        List<Row> rows = new ArrayList<>();
        for (var container : containers(tailrace)) {
            try {
                rows.add(new Row(
                        container, tailrace.containers().get(container.id()).stats()));
            } catch (TailraceException e) {
                boolean isGone = e.code() == ErrorCode.NOT_FOUND || e.code() == ErrorCode.FAILED_PRECONDITION;
                if (!isGone || !names.isEmpty()) {
                    throw e;
                }
            }
        }
        return rows;
    }

    private void show(List<Row> rows) {
        if (isJson) {
            for (var row : rows) {
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put("containerId", row.container().id());
                fields.put("containerName", row.container().name());
                fields.put("stats", row.stats());
                streams().println(Json.line(fields));
            }
            return;
        }
        // Drawn over the last one, from the top of the screen.
        var erase = streams().isOutputTerminal() && !isOnce && !isHistory ? "\033[H\033[J" : "";
        streams().print(erase + table(rows));
    }

    private String table(List<Row> rows) {
        var table = new Table(
                isHistory ? "TIME" : "CONTAINER ID",
                "NAME",
                "CPU %",
                "MEMORY / LIMIT",
                "MEM %",
                "NET IN / OUT",
                "DISK READ / WRITTEN",
                "PIDS");
        for (var row : rows) {
            var stats = row.stats();
            long limit = stats.memoryLimitBytes();
            table.row(
                    isHistory
                            ? TIME.format(stats.time())
                            : Words.shortId(row.container().id()),
                    row.container().name(),
                    "%.2f%%".formatted(stats.cpuPercent()),
                    Words.bytes(stats.memoryBytes()) + " / " + (limit == 0 ? "none" : Words.bytes(limit)),
                    limit == 0 ? "-" : "%.2f%%".formatted(100.0 * stats.memoryBytes() / limit),
                    Words.bytes(stats.networkReceivedBytes()) + " / " + Words.bytes(stats.networkSentBytes()),
                    Words.bytes(stats.blockReadBytes()) + " / " + Words.bytes(stats.blockWriteBytes()),
                    Long.toString(stats.pids()));
        }
        return table.toString();
    }
}
