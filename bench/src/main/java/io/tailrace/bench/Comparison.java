package io.tailrace.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A question with several contestants, measured in turn, round by round, so that a change in the machine's load meets
 * all of them.
 *
 * @param name how it is chosen on the command line
 * @param title what is asked
 * @param scale the unit of the answer
 * @param baseline the name of the contestant that the others are set in relation to
 * @param aim what ratio to the baseline is aimed at, for people
 * @param warmUps rounds that are not counted: JVMs compile, caches fill
 * @param contestants in the order in which they are shown
 */
record Comparison(
        String name,
        String title,
        Scale scale,
        String baseline,
        String aim,
        int warmUps,
        List<Contestant> contestants) {
    Comparison {
        contestants = List.copyOf(contestants);
    }

    /** Measures each contestant once in every round, the warm-ups first. */
    Result run(int rounds, Progress progress) {
        List<List<Double>> values = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (int i = 0; i < contestants.size(); i++) {
            values.add(new ArrayList<>());
            failures.add("");
        }
        for (int round = 1 - warmUps; round <= rounds; round++) {
            for (int i = 0; i < contestants.size(); i++) {
                if (!failures.get(i).isEmpty()) {
                    continue;
                }
                Contestant contestant = contestants.get(i);
                try {
                    double value = scale.of(contestant.measurement().measure());
                    if (round > 0) {
                        values.get(i).add(value);
                    }
                    progress.measured(name, round, rounds, contestant.name(), scale.format(value));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new BenchException(name + ": interrupted", e);
                } catch (Exception e) {
                    String failure = e.getMessage() == null ? e.toString() : e.getMessage();
                    failures.set(i, failure);
                    progress.measured(name, round, rounds, contestant.name(), "failed: " + failure);
                }
            }
        }
        return result(values, failures);
    }

    private Result result(List<List<Double>> values, List<String> failures) {
        int baselineIndex = contestants.stream().map(Contestant::name).toList().indexOf(baseline);
        List<Result.Entry> entries = new ArrayList<>();
        for (int i = 0; i < contestants.size(); i++) {
            boolean isComparable = baselineIndex >= 0
                    && failures.get(i).isEmpty()
                    && failures.get(baselineIndex).isEmpty();
            double ratio = isComparable ? medianRatio(values.get(i), values.get(baselineIndex)) : Double.NaN;
            entries.add(new Result.Entry(
                    contestants.get(i).name(), median(values.get(i)), ratio, values.get(i), failures.get(i)));
        }
        return new Result(name, title, scale.unit(), baseline, aim, entries);
    }

    /** The median of the ratios within each round: what slows a whole round down cancels out. */
    private static double medianRatio(List<Double> values, List<Double> baselineValues) {
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < values.size(); round++) {
            ratios.add(values.get(round) / baselineValues.get(round));
        }
        return median(ratios);
    }

    static double median(List<Double> values) {
        if (values.isEmpty()) {
            return Double.NaN;
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /**
     * How elapsed time is told.
     *
     * @param unit its name
     * @param fromNanos the value in this unit
     */
    record Scale(String unit, ToDoubleFunction<Long> fromNanos) {
        /** Elapsed time: less is better. */
        static final Scale MILLIS = new Scale("ms", nanos -> nanos / 1e6);

        /** Bytes in that time, in units of 10^6 a second: more is better. */
        static Scale megabytesPerSecond(long bytes) {
            return new Scale("MB/s", nanos -> bytes * 1e3 / nanos);
        }

        double of(long nanos) {
            return fromNanos.applyAsDouble(nanos);
        }

        String format(double value) {
            return "%.1f %s".formatted(value, unit);
        }
    }

    /** Is told of each measurement, so that whoever waits sees why. */
    @FunctionalInterface
    interface Progress {
        /** One was taken. @param round from 1; 0 and less for warm-ups */
        void measured(String comparison, int round, int rounds, String contestant, String value);
    }
}
