package io.tailrace.client;

import java.util.List;

/**
 * Why a container's process ended that nobody had asked to end, and what it wrote last.
 *
 * @param exit how it ended: with a code other than 0, by a signal, or out of memory
 * @param lines the last ones, at most 20 with 8192 bytes in all, of both streams in the order in which they ended
 */
public record CrashReport(ExitStatus exit, List<Line> lines) {
    /** Copies the list. */
    public CrashReport {
        lines = List.copyOf(lines);
    }

    /**
     * A line, or the end of one that is too long.
     *
     * @param text without its newline; what is no UTF-8 is replaced
     */
    public record Line(StandardStream stream, String text) {}

    static CrashReport of(io.tailrace.api.v1.CrashReport crash) {
        return new CrashReport(
                TimelineWire.exit(crash.getExit()),
                crash.getLinesList().stream()
                        .map(line -> new Line(
                                TimelineWire.stream(line.getStream()),
                                line.getData().toStringUtf8()))
                        .toList());
    }
}
