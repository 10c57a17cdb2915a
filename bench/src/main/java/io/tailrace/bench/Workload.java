package io.tailrace.bench;

import java.util.List;

/**
 * What a measured container writes: lines of 127 bytes, as fast as it can, this many bytes in all.
 *
 * @param bytes a multiple of {@link #BLOCK_BYTES}; the last line may be cut
 */
record Workload(long bytes) {
    /** What the writing process hands to write(2) at once. */
    static final int BLOCK_BYTES = 64 << 10;

    private static final String LINE = "x".repeat(126);
    /** As it is written. */
    static final String LINE_AND_END = LINE + "\n";

    /** A workload of so many MiB. */
    static Workload ofMebibytes(int mebibytes) {
        return new Workload((long) mebibytes << 20);
    }

    /** The command, for any busybox. */
    List<String> command(String shell) {
        return List.of(shell, "-c", script());
    }

    /** For a shell; {@code yes} with {@code dd} behind it is the fastest writer of lines that busybox has. */
    String script() {
        return "yes %s | dd bs=%d count=%d iflag=fullblock 2>/dev/null"
                .formatted(LINE, BLOCK_BYTES, bytes / BLOCK_BYTES);
    }

    /** Fails unless a transfer brought all of it. */
    void check(long transferred) {
        if (transferred != bytes) {
            throw new BenchException("transferred %,d bytes (expected: %,d)".formatted(transferred, bytes));
        }
    }
}
