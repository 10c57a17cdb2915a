package io.tailrace.engine;

import io.tailrace.log.StdStream;
import io.tailrace.log.Timeline;
import io.tailrace.log.TimelineReader;
import io.tailrace.log.TimelineRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The last lines that a run wrote. Reads no more of the timeline than their bytes need: about as much of each stream as
 * {@link #BYTES_MAX} and one record. Used by one thread.
 */
final class CrashLines {
    static final int LINES_MAX = 20;
    static final int BYTES_MAX = 8 << 10;

    private final Deque<CrashReport.Line> lines = new ArrayDeque<>();
    private final Map<StdStream, ByteArrayOutputStream> begun = new EnumMap<>(StdStream.class);
    private int bytes;

    private CrashLines() {}

    /** Those before a run's Exit record. */
    static List<CrashReport.Line> before(TimelineRecord.Exit exit, Timeline timeline) throws IOException {
        CrashLines last = new CrashLines();
        try (TimelineReader reader = timeline.read(from(exit, timeline))) {
            TimelineRecord record = reader.poll();
            while (record != null && record.sequence() < exit.sequence()) {
                last.add(record);
                record = reader.poll();
            }
        }
        last.begun.forEach(last::end);
        return List.copyOf(last.lines);
    }

    /**
     * Of a stream with enough bytes only the last ones count; and what both wrote last begins behind the later one of these
     * two places. Earlier runs are left out in reading.
     */
    private static long from(TimelineRecord.Exit exit, Timeline timeline) throws IOException {
        long from = timeline.firstSequence();
        if (exit.stdoutLength() > BYTES_MAX) {
            from = Math.max(from, timeline.sequenceOfOffset(StdStream.STDOUT, exit.stdoutLength() - BYTES_MAX));
        }
        if (exit.stderrLength() > BYTES_MAX) {
            from = Math.max(from, timeline.sequenceOfOffset(StdStream.STDERR, exit.stderrLength() - BYTES_MAX));
        }
        return from;
    }

    private void add(TimelineRecord record) {
        switch (record) {
            case TimelineRecord.Output output ->
                add(output.stream(), output.data().duplicate());
            case TimelineRecord.Exit _ -> clear();
            case TimelineRecord.State _, TimelineRecord.Health _, TimelineRecord.Message _, TimelineRecord.Gap _ -> {}
        }
    }

    private void clear() {
        lines.clear();
        begun.clear();
        bytes = 0;
    }

    private void add(StdStream stream, ByteBuffer data) {
        ByteArrayOutputStream line = begun.computeIfAbsent(stream, _ -> new ByteArrayOutputStream());
        while (data.hasRemaining()) {
            byte next = data.get();
            if (next == '\n') {
                end(stream, line);
                line.reset();
            } else {
                if (line.size() >= 2 * BYTES_MAX) {
                    byte[] kept = tail(line.toByteArray());
                    line.reset();
                    line.writeBytes(kept);
                }
                line.write(next);
            }
        }
    }

    private static byte[] tail(byte[] line) {
        return Arrays.copyOfRange(line, Math.max(0, line.length - BYTES_MAX), line.length);
    }

    private void end(StdStream stream, ByteArrayOutputStream line) {
        if (line.size() == 0) {
            return;
        }
        byte[] data = tail(line.toByteArray());
        lines.addLast(new CrashReport.Line(stream, ByteBuffer.wrap(data).asReadOnlyBuffer()));
        bytes += data.length;
        while (lines.size() > LINES_MAX || bytes > BYTES_MAX) {
            bytes -= lines.removeFirst().data().remaining();
        }
    }
}
