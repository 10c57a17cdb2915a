package io.tailrace.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace doctor}. */
@Command(
        name = "doctor",
        header = "Check what this machine has, and say how to get the rest.",
        description = {"", "Exits with 1 if something is missing without which no container can run."})
final class DoctorCommand extends Verb {
    @Option(names = "--json", description = "As JSON.")
    private boolean isJson;

    @Option(names = "--data", paramLabel = "DIR", description = "The server's data directory.")
    private java.nio.file.@org.jspecify.annotations.Nullable Path data;

    @Override
    public Integer call() {
        var findings = new Doctor(tool(), data).examine();
        streams().print(isJson ? Json.pretty(findings) + "\n" : text(findings));
        return findings.stream().anyMatch(finding -> finding.state() == Finding.State.MISSING)
                ? ExitCodes.FAILED
                : ExitCodes.OK;
    }

    private String text(List<Finding> findings) {
        var style = new Style(streams().isOutputTerminal());
        var text = new StringBuilder();
        int width = findings.stream()
                .mapToInt(finding -> finding.name().length())
                .max()
                .orElse(0);
        for (var finding : findings) {
            var mark = switch (finding.state()) {
                case OK -> style.green("ok      ");
                case NOTE -> style.yellow("note    ");
                case MISSING -> style.red("missing ");
            };
            text.append(mark).append(("%-" + width + "s  %s%n").formatted(finding.name(), finding.detail()));
            if (!finding.remedy().isEmpty()) {
                text.repeat(' ', width + 10)
                        .append(style.bold(finding.remedy()))
                        .append('\n');
            }
        }
        long missing = findings.stream()
                .filter(finding -> finding.state() == Finding.State.MISSING)
                .count();
        text.append(
                missing == 0
                        ? style.bold("All that containers need is here.") + "\n"
                        : style.bold("%d missing; without it no container can run.".formatted(missing)) + "\n");
        return text.toString();
    }
}
