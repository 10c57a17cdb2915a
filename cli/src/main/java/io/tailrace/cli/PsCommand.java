package io.tailrace.cli;

import io.tailrace.client.ContainerInfo;
import io.tailrace.client.ContainerState;
import io.tailrace.client.ListOptions;
import io.tailrace.client.ProcessStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tailrace ps}. */
@Command(
        name = "ps",
        header = "List containers that run.",
        footer = {
            "",
            "Examples:",
            "  tailrace ps -a",
            "  tailrace ps --filter label=app=web --filter state=running -q",
            "  tailrace ps --json | jq -r '.[].name'"
        })
final class PsCommand extends Verb {
    @Option(
            names = {"-a", "--all"},
            description = "Also those that do not run.")
    private boolean isAll;

    @Option(names = "--removed", description = "Also removed ones whose output can still be read.")
    private boolean isRemoved;

    @Mixin
    private ListFlags list = new ListFlags();

    @Option(
            names = {"-f", "--filter"},
            paramLabel = "KEY=VALUE",
            description = "label=NAME[=VALUE], state=STATE, name=PART, id=PREFIX or image=REFERENCE; all must hold.")
    private List<String> filters = new ArrayList<>();

    @Override
    public Integer call() {
        var filter = ContainerFilter.parse(filters);
        List<ContainerInfo> containers;
        try (var tailrace = connect()) {
            var options = new ListOptions(isAll || isRemoved || filter.hasState(), isRemoved, filter.labels());
            containers = tailrace.containers().list(options).stream()
                    .filter(filter::matches)
                    .sorted(Comparator.comparing((ContainerInfo container) ->
                                    container.status().createdAt())
                            .reversed())
                    .toList();
        }
        list.print(streams(), containers, ContainerInfo::id, this::table);
        return ExitCodes.OK;
    }

    private String table(List<ContainerInfo> containers) {
        var now = Instant.now();
        var table = new Table("CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAME");
        for (var container : containers) {
            var status = container.status();
            table.row(
                    list.shown(container.id()),
                    Words.shortReference(container.image()),
                    Words.command(container.arguments(), list.isWhole()),
                    Words.age(Duration.between(status.createdAt(), now)) + " ago",
                    status(container, now),
                    Ports.shown(container.ports()),
                    container.name());
        }
        return table.toString();
    }

    private static String status(ContainerInfo container, Instant now) {
        var words = status(container.status(), now) + (container.isForeign() ? ", foreign" : "");
        var health = container.health();
        boolean isUp = container.status().state() == ContainerState.RUNNING;
        return health == null || !isUp
                ? words
                : "%s (%s)".formatted(words, health.status().word());
    }

    static String status(ProcessStatus status, Instant now) {
        var started = status.startedAt() == null ? status.createdAt() : status.startedAt();
        var up = "Up " + Words.age(Duration.between(started, now));
        var words = switch (status.state()) {
            case RUNNING -> up;
            case PAUSED -> up + " (paused)";
            case RESTARTING -> ended("Restarting", status, now);
            case EXITED -> ended("Exited", status, now);
            case CREATED -> "Created";
            case STARTING -> "Starting";
            case DRAINING -> "Draining";
            case REMOVED -> "Removed";
            case UNKNOWN -> "Unknown";
        };
        return status.problem().isEmpty() ? words : words + "; " + status.problem();
    }

    private static String ended(String word, ProcessStatus status, Instant now) {
        var exit = status.exit();
        var finished = status.finishedAt();
        var ago = finished == null ? "" : " " + Words.age(Duration.between(finished, now)) + " ago";
        if (exit == null) {
            return word + ago;
        }
        var reason = switch (exit.reason()) {
            case EXITED, SIGNALLED, STOPPED -> "";
            default -> ", " + exit.reason().words();
        };
        return "%s (%d%s)%s".formatted(word, exit.exitCode(), reason, ago);
    }
}
