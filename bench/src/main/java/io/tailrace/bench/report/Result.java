package io.tailrace.bench.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A comparison's outcome.
 *
 * @param name the comparison's
 * @param title what was asked
 * @param method how it was measured, in two sentences
 * @param metrics the most telling one first
 * @param baselines whose ratio is 1: contestants, or series that everybody is set in relation to at their number of
 *     followers
 * @param entries one for each contestant
 * @param verdicts one for each aim
 */
public record Result(
        String name,
        String title,
        String method,
        List<Metric> metrics,
        List<String> baselines,
        List<Entry> entries,
        List<Verdict> verdicts) {
    /** Unmodifiable. */
    public Result {
        metrics = List.copyOf(metrics);
        baselines = List.copyOf(baselines);
        entries = List.copyOf(entries);
        verdicts = List.copyOf(verdicts);
    }

    /** The outcome of rounds. @param raws the contestants in the order in which they are shown */
    public static Result of(
            String name,
            String title,
            String method,
            List<Metric> metrics,
            List<String> baselines,
            List<Aim> aims,
            List<Raw> raws) {
        List<Entry> entries =
                raws.stream().map(raw -> raw.entry(metrics, baselines, raws)).toList();
        List<Verdict> verdicts = aims.stream()
                .filter(aim -> Raw.find(raws, aim.contestant()).isPresent())
                .map(aim -> Verdict.of(aim, figure(aim, raws)))
                .toList();
        return new Result(name, title, method, metrics, baselines, entries, verdicts);
    }

    private static @Nullable Double figure(Aim aim, List<Raw> raws) {
        List<Double> values = Raw.values(raws, aim.contestant(), aim.metric());
        var figure = aim.baseline().isEmpty()
                ? Statistics.median(values)
                : Statistics.medianRatio(values, Raw.values(raws, aim.baseline(), aim.metric()));
        return figure.isPresent() ? figure.getAsDouble() : null;
    }

    /** Whether all contestants did what was measured. */
    public boolean isComplete() {
        return entries.stream().allMatch(entry -> entry.failure().isEmpty());
    }

    Optional<Metric> metric(String metricName) {
        return metrics.stream()
                .filter(metric -> metric.name().equals(metricName))
                .findFirst();
    }

    /**
     * What a contestant measured, before anything is made of it.
     *
     * @param values by a metric's name, one a round
     * @param nanos single events of all rounds; empty where there are none
     * @param failure why there are no more values; empty if all went well
     */
    public record Raw(
            String contestant,
            Entry.Role role,
            String series,
            int followers,
            Map<String, List<Double>> values,
            List<Long> nanos,
            String failure) {
        private static final int QUANTILES = 100;
        private static final double NANOS_PER_MILLI = 1e6;

        private static Optional<Raw> find(List<Raw> raws, String contestant) {
            return raws.stream()
                    .filter(raw -> raw.contestant().equals(contestant))
                    .findFirst();
        }

        private static List<Double> values(List<Raw> raws, String contestant, String metric) {
            return values(find(raws, contestant), metric);
        }

        /** A contestant of that name, or the one of that series with as many followers as this. */
        private Optional<Raw> baseline(List<Raw> raws, String name) {
            return find(raws, name)
                    .or(() -> raws.stream()
                            .filter(raw -> raw.series().equals(name) && raw.followers() == followers)
                            .findFirst());
        }

        private static List<Double> values(Optional<Raw> contestant, String metric) {
            return contestant
                    // A contestant that failed later has rounds that no longer fit the others'.
                    .filter(raw -> raw.failure().isEmpty())
                    .map(raw -> raw.values().getOrDefault(metric, List.of()))
                    .orElse(List.of());
        }

        private Entry entry(List<Metric> metrics, List<String> baselines, List<Raw> raws) {
            Map<String, Entry.Figures> measured = new LinkedHashMap<>();
            for (Metric metric : metrics) {
                List<Double> own = values.getOrDefault(metric.name(), List.of());
                Statistics.median(own).ifPresent(median -> {
                    Map<String, Double> ratios = new LinkedHashMap<>();
                    for (String baseline : baselines) {
                        Statistics.medianRatio(
                                        values(Optional.of(this), metric.name()),
                                        values(baseline(raws, baseline), metric.name()))
                                .ifPresent(ratio -> ratios.put(baseline, ratio));
                    }
                    measured.put(metric.name(), new Entry.Figures(median, own, ratios));
                });
            }
            return new Entry(contestant, role, series, followers, measured, distribution(), failure);
        }

        private List<Entry.Quantile> distribution() {
            if (nanos.isEmpty()) {
                return List.of();
            }
            long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
            return java.util.stream.IntStream.rangeClosed(1, QUANTILES)
                    .mapToDouble(percent -> (double) percent / QUANTILES)
                    .mapToObj(fraction ->
                            new Entry.Quantile(fraction, Statistics.percentile(sorted, fraction) / NANOS_PER_MILLI))
                    .toList();
        }
    }
}
