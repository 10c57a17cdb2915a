package io.tailrace.client;

/**
 * How a process ended, and what it wrote in all. Lengths and CRC-32 (RFC 1952, as gzip has it) are of each whole stream
 * from offset 0.
 *
 * @param reason why it ended
 * @param exitCode 0 to 255, 128 + n for signal n; -1 if it is not known
 * @param signal the signal that ended it; 0 for none
 * @param stdoutLength bytes of stdout
 * @param stdoutCrc32 their CRC-32, 0 to 2^32 - 1
 * @param stderrLength bytes of stderr
 * @param stderrCrc32 their CRC-32, 0 to 2^32 - 1
 * @param message for people; may be empty
 */
public record ExitStatus(
        ExitReason reason,
        int exitCode,
        int signal,
        long stdoutLength,
        long stdoutCrc32,
        long stderrLength,
        long stderrCrc32,
        String message) {

    /** Whether it exited by itself with code 0. */
    public boolean isSuccess() {
        return reason == ExitReason.EXITED && exitCode == 0;
    }
}
