package io.tailrace.engine;

import io.tailrace.log.OutputPlace;
import io.tailrace.log.StdStream;
import io.tailrace.log.Timeline;
import java.io.IOException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Places in the output of a timeline, as readers name them: by time, and by lines from the end. */
final class OutputOffsets {
    private static final long LINES_MAX = 1L << 60;

    private OutputOffsets() {}

    static long atTime(Journal journal, StdStream stream, Instant time) {
        try {
            return journal.timeline().offsetAtTime(stream, TimeRange.nanos(time));
        } catch (IOException e) {
            throw TimelineFailure.inReading(e);
        }
    }

    static long ofLastLines(Journal journal, StdStream stream, long lines, @Nullable Instant until) {
        Timeline timeline = journal.timeline();
        try {
            long last = lastSequence(timeline, timeline.lastSequence(), until);
            OutputPlace place = lastLines(timeline, Set.of(stream), lines, last);
            return place.sequence() <= last ? place.offset() : timeline.streamLength(stream);
        } catch (IOException e) {
            throw TimelineFailure.inReading(e);
        }
    }

    /** The sequence of the last record that counts. @param lastSequence of all */
    static long lastSequence(Timeline timeline, long lastSequence, @Nullable Instant until) throws IOException {
        if (until == null) {
            return lastSequence;
        }
        long untilNanos = TimeRange.nanos(until);
        return untilNanos == Long.MAX_VALUE
                ? lastSequence
                : Math.min(lastSequence, timeline.sequenceAtTime(untilNanos + 1) - 1);
    }

    /** Where the last lines begin. @param streams that count; empty: both. @param lines 0: with the next record */
    static OutputPlace lastLines(Timeline timeline, Set<StdStream> streams, long lines, long lastSequence)
            throws IOException {
        Checks.check(lines >= 0 && lines <= LINES_MAX, "lines", lines, "0 to " + LINES_MAX);
        if (lines == 0) {
            return new OutputPlace(lastSequence + 1, 0, 0, true);
        }
        return timeline.lastLines(streams.isEmpty() ? EnumSet.allOf(StdStream.class) : streams, lines, lastSequence);
    }
}
