package io.tailrace.bench;

import io.tailrace.bench.report.Metric;
import io.tailrace.bench.report.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One contestant's measurements over the rounds. One thread. */
final class Tally {
    private final Contestant contestant;
    private final Map<String, List<Double>> values = new LinkedHashMap<>();
    private final List<Long> nanos = new ArrayList<>();
    private String failure = "";

    Tally(Contestant contestant) {
        this.contestant = contestant;
    }

    Contestant contestant() {
        return contestant;
    }

    /** Whether it is measured in a round; one that failed is not tried again. @param round 0 and less for warm-ups */
    boolean takesPart(int round) {
        return failure.isEmpty() && round > -contestant.warmUps();
    }

    /** Measures once; a failure is kept. @return what was found, for people */
    String measure(int round, List<Metric> metrics) {
        try {
            Reading reading = TimeLimit.run(contestant.name(), contestant.measurement());
            if (round > 0) {
                reading.values()
                        .forEach((metric, value) -> values.computeIfAbsent(metric, any -> new ArrayList<>())
                                .add(value));
                nanos.addAll(reading.nanos());
            }
            return metrics.stream()
                    .flatMap(metric -> Stream.ofNullable(reading.values().get(metric.name()))
                            .map(value -> text(metric, value)))
                    .collect(Collectors.joining(", "));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException(contestant.name() + ": interrupted", e);
        } catch (Exception e) {
            failure = e.getMessage() == null ? e.toString() : e.getMessage();
            return "failed: " + failure;
        }
    }

    private static String text(Metric metric, double value) {
        return (metric.title() + " " + metric.format(value) + " " + metric.unit()).strip();
    }

    Result.Raw raw() {
        return new Result.Raw(
                contestant.name(),
                contestant.role(),
                contestant.series(),
                contestant.followers(),
                values,
                nanos,
                failure);
    }
}
