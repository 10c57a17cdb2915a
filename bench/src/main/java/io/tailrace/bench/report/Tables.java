package io.tailrace.bench.report;

import java.util.ArrayList;
import java.util.List;

/** The cells that the tables of all forms have in common. */
final class Tables {
    private Tables() {}

    /** Names of columns: the contestant, each metric with its unit, each ratio. */
    static List<String> head(Result result) {
        List<String> cells = new ArrayList<>();
        cells.add("");
        result.metrics().forEach(metric -> cells.add(label(metric)));
        result.baselines().forEach(baseline -> cells.add("x " + baseline));
        return cells;
    }

    /** A contestant's cells; those that it has no value for are empty. */
    static List<String> row(Result result, Entry entry) {
        List<String> cells = new ArrayList<>();
        cells.add(entry.contestant());
        for (Metric metric : result.metrics()) {
            Entry.Figures figures = entry.measured().get(metric.name());
            boolean isFirst = cells.size() == 1;
            String absent = isFirst && !entry.failure().isEmpty() ? "failed" : "";
            cells.add(figures == null ? absent : metric.format(figures.median()));
        }
        Entry.Figures first = entry.measured().get(result.metrics().getFirst().name());
        for (String baseline : result.baselines()) {
            Double ratio = first == null ? null : first.ratios().get(baseline);
            cells.add(ratio == null ? "" : Ratios.format(ratio));
        }
        return cells;
    }

    /** A metric's title and unit. */
    static String label(Metric metric) {
        return metric.unit().isEmpty() ? metric.title() : metric.title() + ", " + metric.unit();
    }

    /** What was aimed at. */
    static String aim(Result result, Verdict verdict) {
        Aim aim = verdict.aim();
        Metric metric = metric(result, aim);
        return "%s, %s: %s".formatted(aim.contestant(), metric.title(), aim.words(metric.unit()));
    }

    /** What became of it, with its figure. */
    static String outcome(Result result, Verdict verdict) {
        if (verdict.figure() == null) {
            return verdict.word();
        }
        return "%s (%s)".formatted(verdict.word(), verdict.figureWords(metric(result, verdict.aim())));
    }

    static Metric metric(Result result, Aim aim) {
        return result.metric(aim.metric())
                .orElseThrow(() -> new IllegalArgumentException(
                        "aim for %s in %s (expected: a metric of it)".formatted(aim.metric(), result.name())));
    }
}
