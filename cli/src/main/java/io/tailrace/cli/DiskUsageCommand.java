package io.tailrace.cli;

import io.tailrace.client.DiskUsage;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace df}. */
@Command(
        name = "df",
        header = "Show what takes room on the server's disk.",
        footer = {
            "",
            "Examples:",
            "  tailrace df",
            "  tailrace df -v",
            "  tailrace df --json | jq '.timelines[].sizeBytes'"
        })
final class DiskUsageCommand extends Verb {
    @Option(
            names = {"-v", "--verbose"},
            description = "Each, not only all together.")
    private boolean isVerbose;

    @Option(names = "--json", description = "Everything, as JSON.")
    private boolean isJson;

    @Override
    public Integer call() {
        DiskUsage usage;
        try (var tailrace = connect()) {
            usage = tailrace.diskUsage();
        }
        streams().print(isJson ? Json.pretty(usage) + "\n" : isVerbose ? all(usage) : sums(usage));
        return ExitCodes.OK;
    }

    private static String sums(DiskUsage usage) {
        var table = new Table("TYPE", "COUNT", "SIZE", "RECLAIMABLE");
        sum(table, "images", usage.images());
        sum(table, "containers", usage.containers());
        sum(table, "volumes", usage.volumes());
        sum(table, "timelines", usage.timelines());
        return table.toString();
    }

    /** Parts that images share are counted with each of them. */
    private static void sum(Table table, String type, List<DiskUsage.Entry> entries) {
        table.row(
                type,
                Integer.toString(entries.size()),
                Words.bytes(
                        entries.stream().mapToLong(DiskUsage.Entry::sizeBytes).sum()),
                Words.bytes(entries.stream()
                        .mapToLong(DiskUsage.Entry::reclaimableBytes)
                        .sum()));
    }

    private static String all(DiskUsage usage) {
        var table = new Table("TYPE", "ID", "NAME", "SIZE", "RECLAIMABLE");
        rows(table, "image", usage.images());
        rows(table, "container", usage.containers());
        rows(table, "volume", usage.volumes());
        rows(table, "timeline", usage.timelines());
        return table.toString();
    }

    private static void rows(Table table, String type, List<DiskUsage.Entry> entries) {
        entries.stream()
                .sorted(Comparator.comparingLong(DiskUsage.Entry::sizeBytes).reversed())
                .forEach(entry -> table.row(
                        type,
                        Words.shortId(entry.id()),
                        Words.shortReference(entry.name()),
                        Words.bytes(entry.sizeBytes()),
                        Words.bytes(entry.reclaimableBytes())));
    }
}
