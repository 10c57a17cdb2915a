package io.tailrace.bench.report;

import java.util.List;
import java.util.stream.Collectors;

/** A report as Markdown: the results of docs/performance.md, so that nobody types a number. */
public final class MarkdownReport {
    private static final String BEGIN = "<!-- results -->";
    private static final String END = "<!-- end of results -->";

    private MarkdownReport() {}

    /**
     * A document whose results are replaced by this report's.
     *
     * @throws IllegalArgumentException if it does not have both marks, one after the other
     */
    public static String into(String document, Report report) {
        int begin = document.indexOf(BEGIN);
        int end = document.indexOf(END, Math.max(begin, 0));
        if (begin < 0 || end < 0) {
            throw new IllegalArgumentException("no \"%s\" with \"%s\" behind it".formatted(BEGIN, END));
        }
        return "%s%n%n%s%n%s"
                .formatted(document.substring(0, begin + BEGIN.length()), of(report), document.substring(end));
    }

    /** The text: what it was measured on, the aims, and a table for each comparison. */
    public static String of(Report report) {
        StringBuilder text = new StringBuilder();
        text.append("%s%s, %d rounds, on %s.%n"
                .formatted(
                        report.date().substring(0, Math.min(10, report.date().length())),
                        report.commit().isEmpty() ? "" : ", commit " + report.commit(),
                        report.rounds(),
                        report.machine().entrySet().stream()
                                .map(fact -> fact.getKey() + " " + fact.getValue())
                                .collect(Collectors.joining("; "))));
        text.append("%n| aim | figure | |%n|---|---:|---|%n".formatted());
        for (Result result : report.comparisons()) {
            for (Verdict verdict : result.verdicts()) {
                text.append(line(List.of(
                        result.name() + ": " + Tables.aim(result, verdict),
                        verdict.figureWords(Tables.metric(result, verdict.aim())),
                        verdict.word())));
            }
        }
        for (Result result : report.comparisons()) {
            text.append("%n### %s: %s%n%n".formatted(result.name(), result.title()));
            List<String> head = Tables.head(result);
            text.append(line(head));
            text.append("|---|").append("---:|".repeat(head.size() - 1)).append(System.lineSeparator());
            result.entries().forEach(entry -> text.append(line(Tables.row(result, entry))));
        }
        return text.toString();
    }

    private static String line(List<String> cells) {
        return cells.stream().map(cell -> cell.replace("|", "\\|")).collect(Collectors.joining(" | ", "| ", " |"))
                + System.lineSeparator();
    }
}
