package io.tailrace.cli;

import io.tailrace.client.TimelineRecord.Gap;

/** A gap as people read it. */
final class GapWords {
    private GapWords() {}

    static String of(Gap gap) {
        long stdout = gap.stdoutTo() - gap.stdoutFrom();
        long stderr = gap.stderrTo() - gap.stderrFrom();
        var what = stdout > 0 && stderr > 0
                ? "%d bytes of stdout and %d of stderr".formatted(stdout, stderr)
                : stdout > 0
                        ? "%d bytes of stdout".formatted(stdout)
                        : stderr > 0 ? "%d bytes of stderr".formatted(stderr) : "records, but no output,";
        if (gap.reason().equals("lost-at-least") && stdout == 0 && stderr == 0) {
            return "output is missing here, nobody knows how much (lost)";
        }
        var more = gap.reason().endsWith("-at-least") ? "at least " : "";
        return "%s%s are missing here (%s)".formatted(more, what, gap.reason().replace("-at-least", ""));
    }
}
