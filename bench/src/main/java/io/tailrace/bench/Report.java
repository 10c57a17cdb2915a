package io.tailrace.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * What a run found.
 *
 * @param machine what it was measured on
 * @param rounds how often each contestant was measured
 * @param bytes of output in each transfer
 * @param results in the order in which they were measured
 */
record Report(Map<String, String> machine, int rounds, long bytes, List<Result> results) {
    private static final String ROW = "  %-32s %12s %8s   %s%n";

    /** For people: a table for each comparison. */
    String toText() {
        StringBuilder text = new StringBuilder();
        machine.forEach((name, value) -> text.append("%-16s %s%n".formatted(name, value)));
        text.append("%-16s %d, after warm-ups; medians; transfers of %,d bytes%n".formatted("rounds", rounds, bytes));
        for (Result result : results) {
            text.append("%n%s%n".formatted(result.title()));
            text.append(ROW.formatted("", result.unit(), "ratio", "all rounds"));
            for (Result.Entry entry : result.entries()) {
                text.append(row(entry));
            }
            text.append("  ratio: median over the rounds, to %s%s%n"
                    .formatted(result.baseline(), result.aim().isEmpty() ? "" : "; aim: " + result.aim()));
        }
        return text.toString();
    }

    private static String row(Result.Entry entry) {
        if (!entry.failure().isEmpty()) {
            return ROW.formatted(entry.contestant(), "failed", "", entry.failure());
        }
        List<String> values =
                entry.values().stream().map(value -> "%.0f".formatted(value)).toList();
        return ROW.formatted(
                entry.contestant(),
                "%.1f".formatted(entry.median()),
                Double.isNaN(entry.ratio()) ? "" : "%.2f".formatted(entry.ratio()),
                String.join(" ", values));
    }

    /** For programs: one JSON object. */
    String toJson() throws IOException {
        return new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .setDefaultPropertyInclusion(JsonInclude.Include.ALWAYS)
                .writeValueAsString(this);
    }
}
