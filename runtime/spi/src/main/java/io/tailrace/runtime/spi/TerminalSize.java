package io.tailrace.runtime.spi;

/**
 * A terminal's size in character cells.
 *
 * @param columns 1 to 65535
 * @param rows 1 to 65535
 */
public record TerminalSize(int columns, int rows) {
    /** The size that terminals have when nobody says otherwise. */
    public static final TerminalSize DEFAULT = new TerminalSize(80, 24);

    private static final int CELLS_MAX = 65_535;

    /** Checks the range, which is that of the kernel's {@code struct winsize}. */
    public TerminalSize {
        if (columns < 1 || columns > CELLS_MAX || rows < 1 || rows > CELLS_MAX) {
            throw new IllegalArgumentException(
                    "terminal size: %dx%d (expected: 1 to %d columns and rows)".formatted(columns, rows, CELLS_MAX));
        }
    }
}
