package io.tailrace.log;

/** A stream of output. Its bytes are numbered by stream offset, from 0, over the whole life of a timeline. */
public enum StdStream {
    /** Standard output, file descriptor 1; with a terminal, all output. */
    STDOUT(1),
    /** Standard error, file descriptor 2. */
    STDERR(2);

    private final int number;

    StdStream(int number) {
        this.number = number;
    }

    /** Its number on disk and on the wire, which is that of its file descriptor. */
    public int number() {
        return number;
    }

    /**
     * The stream with a number.
     *
     * @throws IllegalArgumentException for anything but 1 and 2
     */
    public static StdStream ofNumber(int number) {
        return switch (number) {
            case 1 -> STDOUT;
            case 2 -> STDERR;
            default -> throw new IllegalArgumentException("stream: %d (expected: 1 or 2)".formatted(number));
        };
    }
}
