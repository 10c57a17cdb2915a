package io.tailrace.bench.report;

import io.tailrace.bench.report.Svg.Anchor;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** One metric of all contestants as bars from 0: the median, with a thin line from the least to the most of all rounds. */
final class BarChart {
    private static final int WIDTH = 760;
    private static final int ROW_HEIGHT = 26;
    private static final int BAR_HEIGHT = 16;
    private static final int TOP = 8;
    private static final int AXIS_HEIGHT = 40;
    private static final int GAP = 8;

    private BarChart() {}

    /** The drawing; empty if no contestant has a value. */
    static String of(Result result, Metric metric) {
        List<Entry> entries = result.entries().stream()
                .filter(entry -> entry.measured().containsKey(metric.name()))
                .toList();
        if (entries.isEmpty()) {
            return "";
        }
        Svg svg = new Svg(WIDTH, result.title() + ": " + Tables.label(metric));
        int nameLength = entries.stream()
                .mapToInt(entry -> entry.contestant().length())
                .max()
                .orElseThrow();
        int valueLength = entries.stream()
                .mapToInt(entry -> value(metric, entry).length())
                .max()
                .orElseThrow();
        double left = nameLength * Svg.CHARACTER_PIXELS + GAP;
        double right = WIDTH - valueLength * Svg.CHARACTER_PIXELS - 2 * GAP;
        double largest = entries.stream()
                .mapToDouble(entry -> Collections.max(figures(metric, entry).values()))
                .max()
                .orElseThrow();
        Axis axis = Axis.linear(largest, left, right);
        int bottom = TOP + entries.size() * ROW_HEIGHT;
        for (double tick : axis.ticks()) {
            svg.line("grid", axis.pixel(tick), TOP, axis.pixel(tick), bottom);
            svg.text("tick", Anchor.MIDDLE, axis.pixel(tick), bottom + 16, Axis.label(tick));
        }
        svg.text("unit", Anchor.MIDDLE, (left + right) / 2, bottom + 34, caption(metric));
        for (int i = 0; i < entries.size(); i++) {
            row(svg, axis, metric, entries.get(i), TOP + i * ROW_HEIGHT);
        }
        svg.line("axis", left, TOP, left, bottom);
        return svg.toString(bottom + AXIS_HEIGHT);
    }

    private static void row(Svg svg, Axis axis, Metric metric, Entry entry, int top) {
        Entry.Figures figures = figures(metric, entry);
        double middle = top + ROW_HEIGHT / 2.0;
        double least = axis.pixel(Collections.min(figures.values()));
        double most = axis.pixel(Collections.max(figures.values()));
        svg.text("name", Anchor.END, axis.fromPixel() - GAP, middle + 4, entry.contestant());
        svg.bar(
                "fill " + entry.role().name().toLowerCase(Locale.ROOT) + "-0",
                axis.fromPixel(),
                middle - BAR_HEIGHT / 2.0,
                axis.pixel(figures.median()) - axis.fromPixel(),
                BAR_HEIGHT,
                entry.contestant() + ": " + value(metric, entry));
        if (figures.values().size() > 1) {
            svg.line("spread", least, middle, most, middle);
        }
        svg.text(
                "value",
                Anchor.START,
                Math.max(axis.pixel(figures.median()), most) + GAP,
                middle + 4,
                value(metric, entry));
    }

    /** What an axis says of its metric. */
    static String caption(Metric metric) {
        String better = metric.better() == Metric.Better.MORE ? "more is better" : "less is better";
        return "%s (%s)".formatted(metric.unit().isEmpty() ? metric.title() : metric.unit(), better);
    }

    private static Entry.Figures figures(Metric metric, Entry entry) {
        Entry.Figures figures = entry.measured().get(metric.name());
        if (figures == null) {
            throw new IllegalArgumentException(entry.contestant() + ": no " + metric.name());
        }
        return figures;
    }

    private static String value(Metric metric, Entry entry) {
        return (metric.format(figures(metric, entry).median()) + " " + metric.unit()).strip();
    }
}
