package io.tailrace.bench;

import java.util.List;

/**
 * A comparison's outcome; its JSON form is what {@code --json} prints.
 *
 * @param name the comparison's
 * @param title what was asked
 * @param unit of medians and values
 * @param baseline whose ratio is 1
 * @param aim what was aimed at
 * @param entries one for each contestant
 */
record Result(String name, String title, String unit, String baseline, String aim, List<Entry> entries) {
    Result {
        entries = List.copyOf(entries);
    }

    /** Whether all contestants did what was measured. */
    boolean isComplete() {
        return entries.stream().allMatch(entry -> entry.failure().isEmpty());
    }

    /**
     * One contestant's numbers.
     *
     * @param contestant its name
     * @param median over the rounds; NaN if there is none
     * @param ratio median over the rounds of its value by the baseline's; NaN without a baseline
     * @param values one a round
     * @param failure why there are no more values; empty if all went well
     */
    record Entry(String contestant, double median, double ratio, List<Double> values, String failure) {
        Entry {
            values = List.copyOf(values);
        }
    }
}
