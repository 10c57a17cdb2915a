package io.tailrace.bench;

import io.tailrace.bench.report.Aim;
import io.tailrace.bench.report.Metric;
import io.tailrace.bench.report.Result;
import java.util.List;

/**
 * A question with several contestants, measured in turn, round by round, so that a change in the machine's load meets
 * all of them.
 *
 * @param name how it is chosen on the command line
 * @param title what is asked
 * @param method how it is measured, in two sentences, for who knows nothing of it
 * @param metrics the most telling one first
 * @param baselines the names of the contestants, or of the series, that the others are set in relation to
 * @param aims what is to be shown; those of contestants that are not there are passed over
 * @param contestants in the order in which they are shown
 */
record Comparison(
        String name,
        String title,
        String method,
        List<Metric> metrics,
        List<String> baselines,
        List<Aim> aims,
        List<Contestant> contestants) {
    Comparison {
        List<Contestant> all = List.copyOf(contestants);
        contestants = all;
        baselines = baselines.stream()
                .filter(baseline -> isAmong(baseline, all) || isSeries(baseline, all))
                .toList();
        aims = aims.stream()
                .filter(aim ->
                        isAmong(aim.contestant(), all) && (aim.baseline().isEmpty() || isAmong(aim.baseline(), all)))
                .toList();
    }

    private static boolean isAmong(String name, List<Contestant> contestants) {
        return contestants.stream().anyMatch(contestant -> contestant.name().equals(name));
    }

    private static boolean isSeries(String name, List<Contestant> contestants) {
        return contestants.stream().anyMatch(contestant -> contestant.series().equals(name));
    }

    /** Measures each contestant once in every round, the warm-ups first. */
    Result run(int rounds, Progress progress) {
        List<Tally> tallies = contestants.stream().map(Tally::new).toList();
        int warmUps = contestants.stream().mapToInt(Contestant::warmUps).max().orElse(0);
        for (int round = 1 - warmUps; round <= rounds; round++) {
            for (Tally tally : tallies) {
                if (tally.takesPart(round)) {
                    String value = tally.measure(round, metrics);
                    progress.measured(name, round, rounds, tally.contestant().name(), value);
                }
            }
        }
        return Result.of(
                name,
                title,
                method,
                metrics,
                baselines,
                aims,
                tallies.stream().map(Tally::raw).toList());
    }

    /** Is told of each measurement, so that whoever waits sees why. */
    @FunctionalInterface
    interface Progress {
        /** One was taken. @param round from 1; 0 and less for warm-ups */
        void measured(String comparison, int round, int rounds, String contestant, String value);
    }
}
