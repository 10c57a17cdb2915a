package io.tailrace.bench;

import io.tailrace.bench.report.Statistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * What one measurement found.
 *
 * @param values by a metric's name
 * @param nanos single events, in any order; empty where none were looked at
 */
record Reading(Map<String, Double> values, List<Long> nanos) {
    Reading {
        nanos = List.copyOf(nanos);
    }

    private static final double NANOS_PER_MILLI = 1e6;
    private static final double MEDIAN = 0.5;
    private static final double NINETY_NINE_PERCENT = 0.99;

    /** One value. */
    static Reading of(String metric, double value) {
        return new Reading(Map.of(metric, value), List.of());
    }

    /** Elapsed time, in milliseconds. */
    static Reading millis(String metric, long nanos) {
        return of(metric, nanos / NANOS_PER_MILLI);
    }

    /** Bytes in a time, in units of 10^6 a second. */
    static Reading megabytesPerSecond(String metric, long bytes, long nanos) {
        return of(metric, bytes * 1e3 / nanos);
    }

    /** The percentiles of events, in milliseconds, as {@code p50} and {@code p99}. */
    static Reading percentiles(long[] nanos) {
        long[] sorted = Statistics.sorted(nanos);
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("p50", Statistics.percentile(sorted, MEDIAN) / NANOS_PER_MILLI);
        values.put("p99", Statistics.percentile(sorted, NINETY_NINE_PERCENT) / NANOS_PER_MILLI);
        return new Reading(values, LongStream.of(sorted).boxed().toList());
    }

    /** This, and all values of another, but not its events. */
    Reading withValuesOf(Reading other) {
        Map<String, Double> all = new LinkedHashMap<>(values);
        all.putAll(other.values);
        return new Reading(all, nanos);
    }

    /** This, and another value. */
    Reading with(String metric, double value) {
        Map<String, Double> all = new LinkedHashMap<>(values);
        all.put(metric, value);
        return new Reading(all, nanos);
    }
}
