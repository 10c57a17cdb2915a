package io.tailrace.client;

import java.util.Locale;
import java.util.regex.Pattern;

/** Sizes as people write them: {@code 64m}, {@code 1.5g}, {@code 512k}, {@code 4096}, {@code 64MiB}; units of 1024. */
public final class ByteSize {
    private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([kmgtp]?)(?:i?b)?");
    private static final String UNITS = "kmgtp";

    private ByteSize() {}

    /**
     * How many bytes a text says.
     *
     * @param what the name of what it is for, for the message of INVALID_ARGUMENT
     */
    public static long parse(String what, String text) {
        var match = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!match.matches()) {
            throw new TailraceException(
                    ErrorCode.INVALID_ARGUMENT,
                    "%s: \"%s\" (expected: a size such as 64m, 1.5g or 4096)".formatted(what, text));
        }
        var unit = match.group(2);
        double factor = unit.isEmpty() ? 1 : Math.scalb(1.0, 10 * (UNITS.indexOf(unit) + 1));
        return Math.round(Double.parseDouble(match.group(1)) * factor);
    }
}
