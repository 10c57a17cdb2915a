package io.tailrace.client;

/**
 * The size of a terminal.
 *
 * @param columns characters in a line, 1 to 65535
 * @param rows lines, 1 to 65535
 */
public record TerminalSize(int columns, int rows) {
    private static final int SIZE_MAX = 65_535;

    /** Checks the ranges. */
    public TerminalSize {
        if (!isOne(columns, rows)) {
            throw new TailraceException(
                    ErrorCode.INVALID_ARGUMENT,
                    "terminal size: %dx%d (expected: 1 to %d each)".formatted(columns, rows, SIZE_MAX));
        }
    }

    /** Whether a terminal can have it. */
    static boolean isOne(int columns, int rows) {
        return columns >= 1 && columns <= SIZE_MAX && rows >= 1 && rows <= SIZE_MAX;
    }
}
