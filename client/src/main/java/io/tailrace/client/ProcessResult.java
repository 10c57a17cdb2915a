package io.tailrace.client;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** How a process ended and all that it wrote, byte for byte. Immutable and thread-safe. */
public final class ProcessResult {
    /** The most output of both streams together that is collected unless told otherwise. */
    public static final long OUTPUT_BYTES_MAX = 64L << 20;

    private final ExitStatus status;
    private final byte[] stdout;
    private final byte[] stderr;

    private ProcessResult(ExitStatus status, byte[] stdout, byte[] stderr) {
        this.status = status;
        this.stdout = stdout;
        this.stderr = stderr;
    }

    /** How it ended. */
    public ExitStatus status() {
        return status;
    }

    /** Its exit code, as in the status. */
    public int exitCode() {
        return status.exitCode();
    }

    /** A copy of what it wrote to stdout. */
    public byte[] stdout() {
        return stdout.clone();
    }

    /** A copy of what it wrote to stderr. */
    public byte[] stderr() {
        return stderr.clone();
    }

    /** What it wrote to stdout as UTF-8; what is invalid comes out as U+FFFD. */
    public String stdoutText() {
        return new String(stdout, StandardCharsets.UTF_8);
    }

    /** What it wrote to stderr, likewise. */
    public String stderrText() {
        return new String(stderr, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "%s, %d bytes of stdout, %d bytes of stderr".formatted(status, stdout.length, stderr.length);
    }

    static ProcessResult of(ContainerProcess process, long outputBytesMax) {
        if (outputBytesMax < 0 || outputBytesMax > Integer.MAX_VALUE) {
            throw new TailraceException(
                    ErrorCode.INVALID_ARGUMENT,
                    "outputBytesMax: %d (expected: 0 to %d)".formatted(outputBytesMax, Integer.MAX_VALUE));
        }
        var stdout = new ByteArrayOutputStream();
        var stderr = new ByteArrayOutputStream();
        ExitStatus status = null;
        long bytes = 0;
        try (var follow = process.follow()) {
            for (var record : follow) {
                if (record instanceof TimelineRecord.Output chunk) {
                    bytes += chunk.length();
                    requireWithin(bytes, outputBytesMax);
                    (chunk.stream() == StandardStream.STDOUT ? stdout : stderr).writeBytes(chunk.bytes());
                } else if (record instanceof TimelineRecord.Gap gap) {
                    requireNothingMissing(gap);
                } else if (record instanceof TimelineRecord.Exit exit) {
                    status = exit.status();
                }
            }
        }
        if (status == null) {
            throw new TailraceException(
                    ErrorCode.INCOMPLETE, "%s: its timeline ended without its exit".formatted(process));
        }
        return new ProcessResult(status, stdout.toByteArray(), stderr.toByteArray());
    }

    private static void requireWithin(long bytes, long outputBytesMax) {
        if (bytes > outputBytesMax) {
            throw new TailraceException(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "output: %d bytes and more (expected: at most %d; to follow it has no such bound)"
                            .formatted(bytes, outputBytesMax));
        }
    }

    private static void requireNothingMissing(TimelineRecord.Gap gap) {
        for (var stream : StandardStream.values()) {
            if (gap.isMissing(stream)) {
                throw new TailraceException(
                        ErrorCode.INCOMPLETE,
                        "output: bytes of %s are missing: %s (expected: all of them)".formatted(stream, gap.reason()));
            }
        }
    }
}
