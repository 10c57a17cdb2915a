package io.tailrace.engine;

import io.tailrace.log.ExitReason;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Why a process ended that nobody had asked to end, and what it wrote last. Derived from its timeline whenever it is asked
 * for.
 *
 * @param exit its Exit record
 * @param lines the last ones that it wrote, of both streams in the order in which they ended, at most
 *     {@link CrashLines#LINES_MAX} with {@link CrashLines#BYTES_MAX} bytes in all
 */
public record CrashReport(TimelineRecord.Exit exit, List<Line> lines) {
    private static final Set<ExitReason> BY_ITSELF =
            Set.of(ExitReason.EXITED, ExitReason.SIGNALLED, ExitReason.OUT_OF_MEMORY);

    /** Copies the list. */
    public CrashReport {
        lines = List.copyOf(lines);
    }

    /**
     * A line, or the end of one that is too long.
     *
     * @param data without its newline; not to be written to
     */
    public record Line(StdStream stream, ByteBuffer data) {}

    /** That of the latest run; null if it is not over, or has not crashed. */
    static @Nullable CrashReport of(Journal journal) {
        TimelineRecord.Exit exit = journal.fold().run().exit();
        if (exit == null || !BY_ITSELF.contains(exit.reason()) || exit.exitCode() == 0) {
            return null;
        }
        try {
            return new CrashReport(exit, CrashLines.before(exit, journal.timeline()));
        } catch (IOException e) {
            if (journal.isClosed()) {
                return null; // its timeline is being deleted
            }
            throw TimelineFailure.inReading(e);
        }
    }
}
