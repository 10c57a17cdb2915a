package io.tailrace.delivery;

import java.util.List;

/**
 * A line of the table: one test, as it ended.
 *
 * @param promises the numbers of the promises it attacks: {@code "4, 5"}
 * @param test what a user would say went wrong, in words
 * @param attempts how often it tried
 * @param bytes bytes compared
 * @param lost bytes that did not arrive
 * @param doubled bytes that arrived more than once
 * @param reordered bytes that arrived at another place
 * @param verdict {@link #KEPT} or {@link #BROKEN}
 * @param note a figure read on the way; may be empty
 */
record Row(
        String promises,
        String test,
        long attempts,
        long bytes,
        long lost,
        long doubled,
        long reordered,
        String verdict,
        String note) {
    static final String KEPT = "kept";
    static final String BROKEN = "BROKEN";

    private static final String SEPARATOR = "\t";
    private static final int FIELDS = 9;

    /** One line of a results file. */
    String line() {
        return String.join(
                SEPARATOR,
                List.of(
                        promises,
                        test,
                        Long.toString(attempts),
                        Long.toString(bytes),
                        Long.toString(lost),
                        Long.toString(doubled),
                        Long.toString(reordered),
                        verdict,
                        note));
    }

    /** Reads {@link #line}. @throws IllegalArgumentException if it is none */
    static Row parse(String line) {
        String[] fields = line.split(SEPARATOR, -1);
        if (fields.length != FIELDS) {
            throw new IllegalArgumentException("%s (expected: %d fields)".formatted(line, FIELDS));
        }
        return new Row(
                fields[0],
                fields[1],
                Long.parseLong(fields[2]),
                Long.parseLong(fields[3]),
                Long.parseLong(fields[4]),
                Long.parseLong(fields[5]),
                Long.parseLong(fields[6]),
                fields[7],
                fields[8]);
    }

    boolean isKept() {
        return verdict.equals(KEPT);
    }
}
