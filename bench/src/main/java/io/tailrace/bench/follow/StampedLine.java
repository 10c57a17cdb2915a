package io.tailrace.bench.follow;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A line that says which it is and when it was written: nine digits, a space, nineteen digits of {@link System#nanoTime},
 * a newline. Its reader is in the same process, so that there is one clock.
 */
final class StampedLine {
    static final int BYTES = 30;

    private static final int NUMBER_DIGITS = 9;
    private static final int TIME_AT = NUMBER_DIGITS + 1;

    private StampedLine() {}

    static byte[] of(int number, long nanos) {
        return String.format(Locale.ROOT, "%09d %019d%n", number, nanos).getBytes(StandardCharsets.US_ASCII);
    }

    static int number(byte[] line) {
        return (int) digits(line, 0, NUMBER_DIGITS);
    }

    static long nanos(byte[] line) {
        return digits(line, TIME_AT, BYTES - 1);
    }

    private static long digits(byte[] line, int from, int to) {
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = line[i] - '0';
            if (digit < 0 || digit > 9) {
                throw new NumberFormatException("stamped line: \"%s\" (expected: digits)"
                        .formatted(new String(line, StandardCharsets.US_ASCII).strip()));
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
