package io.tailrace.bench.report;

import org.jspecify.annotations.Nullable;

/**
 * What became of an aim.
 *
 * @param aim what was to be shown
 * @param figure the ratio to the baseline, or the absolute value; null if it could not be measured
 * @param isReached false also where there is no figure
 */
public record Verdict(Aim aim, @Nullable Double figure, boolean isReached) {
    static Verdict of(Aim aim, @Nullable Double figure) {
        return new Verdict(aim, figure, figure != null && aim.isReachedBy(figure));
    }

    /** The figure for people. */
    String figureWords(Metric metric) {
        if (figure == null) {
            return "not measured";
        }
        return aim.baseline().isEmpty() ? metric.format(figure) + " " + metric.unit() : Ratios.format(figure);
    }

    /** Reached or not, for people. */
    String word() {
        if (figure == null) {
            return "not measured";
        }
        return isReached ? "reached" : "not reached";
    }
}
