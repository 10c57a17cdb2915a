package io.tailrace.bench.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** What is said of many numbers. */
public final class Statistics {
    private Statistics() {}

    /** The middle of them, or the mean of the two in the middle; empty for none. */
    public static OptionalDouble median(List<Double> values) {
        if (values.isEmpty()) {
            return OptionalDouble.empty();
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return OptionalDouble.of(
                sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2);
    }

    /**
     * The smallest value that at least this fraction of all is not above (nearest rank).
     *
     * @param sorted ascending, at least one
     * @param fraction above 0, at most 1
     */
    public static long percentile(long[] sorted, double fraction) {
        if (sorted.length == 0 || !(fraction > 0 && fraction <= 1)) {
            throw new IllegalArgumentException(
                    "percentile: %s of %d values (expected: in (0, 1], of >= 1)".formatted(fraction, sorted.length));
        }
        // A product such as 0.07 * 100 is a hair above the whole number it stands for.
        int rank = (int) Math.ceil(fraction * sorted.length - 1e-9);
        return sorted[Math.max(rank, 1) - 1];
    }

    /** A sorted copy. */
    public static long[] sorted(long[] values) {
        long[] copy = values.clone();
        Arrays.sort(copy);
        return copy;
    }

    /**
     * The median of the ratios within each round: what slows a whole round down cancels out. Empty if there is no round
     * in which both have a value, or the baseline has one that nothing can be set in relation to.
     */
    public static OptionalDouble medianRatio(List<Double> values, List<Double> baselineValues) {
        int rounds = Math.min(values.size(), baselineValues.size());
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            if (!(baselineValues.get(round) > 0)) {
                return OptionalDouble.empty();
            }
            ratios.add(values.get(round) / baselineValues.get(round));
        }
        return median(ratios);
    }
}
