package io.tailrace.cli;

import io.tailrace.client.ByteSize;
import io.tailrace.client.Thresholds;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace thresholds}. */
@Command(
        name = "thresholds",
        header = "Show the use above which containers have alerts, or change it until the server is started again.",
        footer = {
            "",
            "A container that uses more, on average between two samples, has an alert in its timeline and in the events; a",
            "second one says that it is over. The server's configuration (sampling) is what holds from its start on.",
            "",
            "Examples:",
            "  tailrace thresholds",
            "  tailrace thresholds --cpu 150 --disk-write 20m --network-sent none"
        })
final class ThresholdsCommand extends Verb {
    private static final String NONE = "none";

    @Option(names = "--cpu", paramLabel = "PERCENT", description = "Of one processor: 200 is two busy ones.")
    private @Nullable String cpu;

    @Option(names = "--memory", paramLabel = "PERCENT", description = "Of the container's limit, if it has one.")
    private @Nullable String memory;

    @Option(names = "--disk-read", paramLabel = "BYTES", description = "A second, as 20m.")
    private @Nullable String diskRead;

    @Option(names = "--disk-write", paramLabel = "BYTES", description = "A second.")
    private @Nullable String diskWrite;

    @Option(names = "--network-received", paramLabel = "BYTES", description = "A second.")
    private @Nullable String networkReceived;

    @Option(names = "--network-sent", paramLabel = "BYTES", description = "A second.")
    private @Nullable String networkSent;

    @Option(names = "--json", description = "As JSON.")
    private boolean isJson;

    @Override
    public Integer call() {
        var wanted = new Thresholds(
                percent("cpu", cpu),
                percent("memory", memory),
                bytes("disk-read", diskRead),
                bytes("disk-write", diskWrite),
                bytes("network-received", networkReceived),
                bytes("network-sent", networkSent));
        boolean isAsking = wanted.equals(new Thresholds(null, null, null, null, null, null));
        try (var tailrace = connect()) {
            var thresholds = isAsking ? tailrace.thresholds() : tailrace.setThresholds(wanted);
            streams().print(isJson ? Json.pretty(thresholds) + "\n" : table(thresholds));
        }
        return ExitCodes.OK;
    }

    private static @Nullable Double percent(String what, @Nullable String text) {
        if (text == null || text.equals(NONE)) {
            return text == null ? null : Double.POSITIVE_INFINITY;
        }
        if (!text.matches("\\d+(\\.\\d+)?%?")) {
            throw new CliException("%s: \"%s\" (expected: percent such as 80, or none)".formatted(what, text));
        }
        return Double.parseDouble(text.replace("%", ""));
    }

    private static @Nullable Double bytes(String what, @Nullable String text) {
        if (text == null || text.equals(NONE)) {
            return text == null ? null : Double.POSITIVE_INFINITY;
        }
        return (double) ByteSize.parse(what, text);
    }

    private static String table(Thresholds thresholds) {
        var table = new Table("RESOURCE", "ALERT ABOVE");
        table.row("cpu", percent(thresholds.cpuPercent(), "of one processor"));
        table.row("memory", percent(thresholds.memoryPercent(), "of the limit"));
        table.row("disk read", rate(thresholds.diskReadBytesPerSecond()));
        table.row("disk write", rate(thresholds.diskWriteBytesPerSecond()));
        table.row("network received", rate(thresholds.networkReceivedBytesPerSecond()));
        table.row("network sent", rate(thresholds.networkSentBytesPerSecond()));
        return table.toString();
    }

    private static String percent(@Nullable Double value, String of) {
        return value == null || value.isInfinite() ? NONE : "%s%% %s".formatted(trimmed(value), of);
    }

    private static String trimmed(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    private static String rate(@Nullable Double value) {
        return value == null || value.isInfinite() ? NONE : Words.bytes(Math.round(value)) + "/s";
    }
}
