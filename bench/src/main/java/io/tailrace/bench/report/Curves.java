package io.tailrace.bench.report;

import io.tailrace.bench.report.Svg.Anchor;
import io.tailrace.bench.report.Svg.Point;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Several lines over one axis: a metric over the number of followers, or the distribution of single events. */
final class Curves {
    private static final int TOP_OF_PLOT = 24;
    private static final int LEFT = 58;
    private static final int RIGHT_MARGIN = 16;
    private static final int AXIS_HEIGHT = 44;
    private static final int LEGEND_ROW = 20;
    private static final int LEGEND_KEY = 26;
    private static final int SHADES = 3;

    private final int width;
    private final int plotHeight;
    private final boolean hasDots;

    private Curves(int width, int plotHeight, boolean hasDots) {
        this.width = width;
        this.plotHeight = plotHeight;
        this.hasDots = hasDots;
    }

    /** A line with its name. */
    private record Curve(String name, Entry.Role role, List<Point> points) {}

    /** A metric over the number of followers, a line for each series; empty if nobody has a value. */
    static String overFollowers(Result result, Metric metric) {
        Map<String, Curve> curves = new LinkedHashMap<>();
        for (Entry entry : result.entries()) {
            Entry.Figures figures = entry.measured().get(metric.name());
            if (figures != null && entry.followers() > 0) {
                curves.computeIfAbsent(entry.series(), name -> new Curve(name, entry.role(), new ArrayList<>()))
                        .points()
                        .add(new Point(entry.followers(), figures.median()));
            }
        }
        return new Curves(520, 220, true)
                .draw(
                        result.title() + ": " + Tables.label(metric),
                        List.copyOf(curves.values()),
                        "followers",
                        BarChart.caption(metric),
                        false);
    }

    /** Which part of all events took at most how long; empty if there were none. */
    static String distribution(Result result) {
        List<Curve> curves = new ArrayList<>();
        for (Entry entry : result.entries()) {
            if (!entry.distribution().isEmpty()) {
                List<Point> points = entry.distribution().stream()
                        .filter(quantile -> quantile.millis() > 0)
                        .map(quantile -> new Point(quantile.millis(), quantile.fraction() * 100))
                        .toList();
                curves.add(new Curve(entry.contestant(), entry.role(), points));
            }
        }
        return new Curves(760, 260, false)
                .draw(
                        result.title() + ": distribution",
                        curves,
                        "milliseconds (further to the left is better)",
                        "% of all lines had arrived",
                        true);
    }

    private String draw(String description, List<Curve> curves, String below, String beside, boolean isPercent) {
        List<Point> all =
                curves.stream().flatMap(curve -> curve.points().stream()).toList();
        if (all.isEmpty()) {
            return "";
        }
        double bottom = TOP_OF_PLOT + plotHeight;
        Axis x = Axis.log(
                all.stream().mapToDouble(Point::x).min().orElseThrow(),
                all.stream().mapToDouble(Point::x).max().orElseThrow(),
                LEFT,
                width - RIGHT_MARGIN);
        double largest =
                isPercent ? 100 : all.stream().mapToDouble(Point::y).max().orElseThrow();
        double smallest =
                isPercent ? 0 : all.stream().mapToDouble(Point::y).min().orElseThrow();
        Axis y = Axis.fitting(smallest, largest, bottom, TOP_OF_PLOT);
        Svg svg = new Svg(width, description);
        grid(svg, x, y);
        svg.text("unit", Anchor.START, 0, 12, beside + (y.isLog() ? ", log scale" : ""));
        svg.text("unit", Anchor.MIDDLE, (LEFT + width - RIGHT_MARGIN) / 2.0, bottom + 34, below);
        double legendTop = bottom + AXIS_HEIGHT;
        Map<Entry.Role, Integer> shades = new EnumMap<>(Entry.Role.class);
        for (int i = 0; i < curves.size(); i++) {
            Curve curve = curves.get(i);
            int shade = shades.merge(curve.role(), 1, Integer::sum) - 1;
            String color = curve.role().name().toLowerCase(Locale.ROOT) + "-" + shade % SHADES;
            curve(svg, color, curve, x, y);
            double row = legendTop + i * LEGEND_ROW + LEGEND_ROW / 2.0;
            svg.line("curve " + color, LEFT, row, LEFT + LEGEND_KEY - 6, row);
            svg.text("name", Anchor.START, LEFT + LEGEND_KEY, row + 4, curve.name());
        }
        return svg.toString((int) legendTop + curves.size() * LEGEND_ROW + 4);
    }

    private static void grid(Svg svg, Axis x, Axis y) {
        for (double tick : y.ticks()) {
            svg.line("grid", x.fromPixel(), y.pixel(tick), x.toPixel(), y.pixel(tick));
            svg.text("tick", Anchor.END, x.fromPixel() - 6, y.pixel(tick) + 4, Axis.label(tick));
        }
        for (double tick : x.ticks()) {
            svg.line("grid", x.pixel(tick), y.fromPixel(), x.pixel(tick), y.toPixel());
            svg.text("tick", Anchor.MIDDLE, x.pixel(tick), y.fromPixel() + 16, Axis.label(tick));
        }
        svg.line("axis", x.fromPixel(), y.fromPixel(), x.toPixel(), y.fromPixel());
    }

    private void curve(Svg svg, String color, Curve curve, Axis x, Axis y) {
        List<Point> points = curve.points().stream()
                .map(point -> new Point(x.pixel(point.x()), y.pixel(point.y())))
                .toList();
        svg.curve("curve " + color, points);
        if (hasDots) {
            for (int i = 0; i < points.size(); i++) {
                Point value = curve.points().get(i);
                String title = String.format(Locale.ROOT, "%s, %,.0f: %,.2f", curve.name(), value.x(), value.y());
                svg.dot("fill " + color, points.get(i), title);
            }
        }
    }
}
