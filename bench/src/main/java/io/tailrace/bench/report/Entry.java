package io.tailrace.bench.report;

import java.util.List;
import java.util.Map;

/**
 * One contestant's numbers.
 *
 * @param contestant its name
 * @param role what it is there for
 * @param series which line of a plot over the number of followers it belongs to; empty where there is none
 * @param followers how many there were; 0 where that is not what is varied
 * @param measured by a metric's name; what could not be measured is absent
 * @param distribution of single events over all rounds, ascending in both; empty where there were none
 * @param failure why there are no more values; empty if all went well
 */
public record Entry(
        String contestant,
        Role role,
        String series,
        int followers,
        Map<String, Figures> measured,
        List<Quantile> distribution,
        String failure) {
    /** Unmodifiable. */
    public Entry {
        distribution = List.copyOf(distribution);
    }

    /** What a contestant is there for. */
    public enum Role {
        /** It is what is measured. */
        TAILRACE,
        /** It is what one would use instead. */
        BESIDE,
        /** It does nothing but move bytes: no program can do better. */
        LIMIT
    }

    /**
     * The values of one metric.
     *
     * @param median over the rounds
     * @param values one a round
     * @param ratios by a baseline's name: the median over the rounds of the ratio within the round
     */
    public record Figures(double median, List<Double> values, Map<String, Double> ratios) {
        /** Unmodifiable. */
        public Figures {
            values = List.copyOf(values);
        }
    }

    /**
     * A point of a distribution.
     *
     * @param fraction of all events, in (0, 1]
     * @param millis that so many took at most
     */
    public record Quantile(double fraction, double millis) {}
}
