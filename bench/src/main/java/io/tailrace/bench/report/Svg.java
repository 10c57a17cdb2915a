package io.tailrace.bench.report;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A drawing in SVG, to stand in a page whose style sheet knows its classes. Coordinates are pixels from the top left;
 * text is 12 pixels high. Not thread-safe.
 */
final class Svg {
    /** How wide a character is, at most, on the average: for room, not for position. */
    static final double CHARACTER_PIXELS = 6.7;

    private final StringBuilder body = new StringBuilder();
    private final int width;
    private final String description;

    /** @param description for who cannot see it */
    Svg(int width, String description) {
        this.width = width;
        this.description = description;
    }

    /** Where a text begins, as seen from its position. */
    enum Anchor {
        START,
        MIDDLE,
        END
    }

    /** A point of a line. */
    record Point(double x, double y) {}

    Svg text(String style, Anchor anchor, double x, double y, String content) {
        return element(
                "<text class=\"%s\" text-anchor=\"%s\" x=\"%s\" y=\"%s\">%s</text>",
                style, anchor.name().toLowerCase(Locale.ROOT), number(x), number(y), Xml.escape(content));
    }

    Svg line(String style, double fromX, double fromY, double toX, double toY) {
        return element(
                "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>",
                style, number(fromX), number(fromY), number(toX), number(toY));
    }

    /** A rectangle. @param title is shown when it is pointed at */
    Svg bar(String style, double x, double y, double barWidth, double height, String title) {
        return element(
                "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"2\"><title>%s</title></rect>",
                style, number(x), number(y), number(Math.max(0, barWidth)), number(height), Xml.escape(title));
    }

    /** A dot. @param title is shown when it is pointed at */
    Svg dot(String style, Point at, String title) {
        return element(
                "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"3.5\"><title>%s</title></circle>",
                style, number(at.x()), number(at.y()), Xml.escape(title));
    }

    Svg curve(String style, List<Point> points) {
        return element(
                "<polyline class=\"%s\" points=\"%s\"/>",
                style,
                points.stream()
                        .map(point -> number(point.x()) + "," + number(point.y()))
                        .collect(Collectors.joining(" ")));
    }

    @FormatMethod
    private Svg element(@FormatString String format, Object... values) {
        body.append(String.format(Locale.ROOT, format, values)).append('\n');
        return this;
    }

    private static String number(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("coordinate: " + value + " (expected: a finite number)");
        }
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** The whole drawing. */
    String toString(int height) {
        return String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\""
                        + " aria-label=\"%s\">%n%s</svg>%n",
                width,
                height,
                width,
                height,
                Xml.escape(description),
                body);
    }
}
