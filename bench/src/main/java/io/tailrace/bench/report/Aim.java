package io.tailrace.bench.report;

import java.util.Locale;

/**
 * What a comparison is to show of one contestant.
 *
 * @param contestant whose figure it is
 * @param metric which of its metrics
 * @param bound which side of the value is good
 * @param value a ratio to the baseline; without one, in the metric's unit
 * @param baseline the contestant that it is set in relation to; empty: the value is absolute
 */
public record Aim(String contestant, String metric, Bound bound, double value, String baseline) {
    /** Which side of a value is good. */
    public enum Bound {
        /** The figure may not be above. */
        AT_MOST("at most"),
        /** The figure may not be below. */
        AT_LEAST("at least");

        private final String words;

        Bound(String words) {
            this.words = words;
        }

        /** For people. */
        public String words() {
            return words;
        }
    }

    /** At most this ratio to a baseline. */
    public static Aim atMost(double ratio, String contestant, String metric, String baseline) {
        return new Aim(contestant, metric, Bound.AT_MOST, ratio, baseline);
    }

    /** At least this ratio to a baseline. */
    public static Aim atLeast(double ratio, String contestant, String metric, String baseline) {
        return new Aim(contestant, metric, Bound.AT_LEAST, ratio, baseline);
    }

    /** At most this, in the metric's unit. */
    public static Aim atMostAbsolute(double value, String contestant, String metric) {
        return new Aim(contestant, metric, Bound.AT_MOST, value, "");
    }

    /** Whether a figure is on the good side; the value itself is. */
    public boolean isReachedBy(double figure) {
        return bound == Bound.AT_MOST ? figure <= value : figure >= value;
    }

    /** For people: {@code at most 0.3 x docker run}, {@code at most 1200 ms}. */
    public String words(String unit) {
        return baseline.isEmpty()
                ? String.format(Locale.ROOT, "%s %,.0f %s", bound.words(), value, unit)
                : String.format(Locale.ROOT, "%s %s x %s", bound.words(), Ratios.format(value), baseline);
    }
}
