package io.tailrace.bench.report;

import java.util.Locale;

/**
 * A quantity that a comparison measures.
 *
 * @param name its key in JSON
 * @param title what it is called in tables and plots
 * @param unit of its values
 * @param better which way is better
 * @param decimals shown to people
 */
public record Metric(String name, String title, String unit, Better better, int decimals) {
    /** Which way is better. */
    public enum Better {
        /** Throughput. */
        MORE,
        /** Time, memory, processor time. */
        LESS
    }

    /** A metric of which less is better. */
    public static Metric less(String name, String title, String unit, int decimals) {
        return new Metric(name, title, unit, Better.LESS, decimals);
    }

    /** A metric of which more is better. */
    public static Metric more(String name, String title, String unit, int decimals) {
        return new Metric(name, title, unit, Better.MORE, decimals);
    }

    /** A value without its unit. */
    public String format(double value) {
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
