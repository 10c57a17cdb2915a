package io.tailrace.log;

/** Why a process ended. */
public enum ExitReason {
    /** It exited by itself. */
    EXITED(1),
    /** A signal ended it that no client of ours asked for. */
    SIGNALLED(2),
    /** The kernel killed it for memory. */
    OUT_OF_MEMORY(3),
    /** Its time was up. */
    TIMED_OUT(4),
    /** A client stopped or killed it. */
    STOPPED(5),
    /** It never ran: its command could not be started. */
    START_FAILED(6),
    /** The runtime lost sight of it; how it ended is not known. */
    LOST(7);

    private final int number;

    ExitReason(int number) {
        this.number = number;
    }

    /** Its number on disk. */
    public int number() {
        return number;
    }

    /**
     * The reason with a number.
     *
     * @throws IllegalArgumentException for a number that no reason has
     */
    public static ExitReason ofNumber(int number) {
        for (var reason : values()) {
            if (reason.number == number) {
                return reason;
            }
        }
        throw new IllegalArgumentException("exit reason: %d (expected: 1 to %d)".formatted(number, values().length));
    }
}
