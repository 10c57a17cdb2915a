package io.tailrace.bench.report;

import java.util.ArrayList;
import java.util.List;

/** A report for a terminal: a table for each comparison, and what became of the aims. */
public final class TextReport {
    private static final String FACT = "%-16s %s%n";
    private static final String GAP = "  ";

    private TextReport() {}

    /** The text, ending with a newline. */
    public static String of(Report report) {
        StringBuilder text = new StringBuilder();
        text.append(FACT.formatted("date", report.date()));
        if (!report.commit().isEmpty()) {
            text.append(FACT.formatted("commit", report.commit()));
        }
        report.machine().forEach((name, value) -> text.append(FACT.formatted(name, value)));
        text.append(FACT.formatted("rounds", report.rounds() + ", after warm-ups; medians; ratios within rounds"));
        report.comparisons().forEach(result -> append(text, result));
        return text.toString();
    }

    private static void append(StringBuilder text, Result result) {
        text.append("%n%s: %s%n".formatted(result.name(), result.title()));
        List<List<String>> rows = new ArrayList<>();
        rows.add(Tables.head(result));
        result.entries().forEach(entry -> rows.add(Tables.row(result, entry)));
        appendAligned(text, rows);
        for (Entry entry : result.entries()) {
            if (!entry.failure().isEmpty()) {
                text.append("%s%s failed: %s%n".formatted(GAP, entry.contestant(), entry.failure()));
            }
        }
        for (Verdict verdict : result.verdicts()) {
            text.append(GAP)
                    .append(Tables.aim(result, verdict))
                    .append(": ")
                    .append(Tables.outcome(result, verdict))
                    .append(System.lineSeparator());
        }
    }

    /** The first column to the left, all others to the right. */
    private static void appendAligned(StringBuilder text, List<List<String>> rows) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String padding = " ".repeat(widths[i] - row.get(i).length());
                line.append(GAP).append(i == 0 ? row.get(i) + padding : padding + row.get(i));
            }
            text.append(line.toString().stripTrailing()).append(System.lineSeparator());
        }
    }
}
