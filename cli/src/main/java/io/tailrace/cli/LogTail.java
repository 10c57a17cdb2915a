package io.tailrace.cli;

import io.tailrace.client.ContainerProcess;
import io.tailrace.client.FollowOptions;
import io.tailrace.client.TimelineRecord;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The last lines of what was written. The server counts records, which are cut anywhere, so this asks for as many records
 * as lines, and for more if those hold too few. What it keeps are the lines asked for and at most one record more.
 */
final class LogTail {
    private static final long GROWTH = 8;

    private final ContainerProcess process;
    private final Supplier<FollowOptions> options;

    /** @param options what to read, without a beginning and an end */
    LogTail(ContainerProcess process, Supplier<FollowOptions> options) {
        this.process = process;
        this.options = options;
    }

    /** Hands the last lines to a target, and returns the cursor behind them; empty if there is nothing at all. */
    String print(long lines, Consumer<TimelineRecord> target) {
        for (long records = Math.max(1, lines); ; records *= GROWTH) {
            var kept = new Kept(lines);
            long seen = 0;
            boolean isWhole = false;
            String cursor;
            try (var follow = process.follow(options.get().last(records).until(FollowOptions.End.NOW))) {
                for (var record : follow) {
                    isWhole |= record.sequence() == 1;
                    seen++;
                    kept.add(record);
                }
                cursor = follow.cursor();
            }
            if (kept.isEnough() || isWhole || seen < records) {
                kept.print(target);
                return cursor;
            }
        }
    }

    private static final class Kept {
        private final long linesWanted;
        private final Deque<TimelineRecord> records = new ArrayDeque<>();
        private long newlines;
        private boolean isLastLineOpen;

        Kept(long linesWanted) {
            this.linesWanted = linesWanted;
        }

        void add(TimelineRecord record) {
            records.add(record);
            if (record instanceof TimelineRecord.Output output) {
                newlines += newlines(output);
                isLastLineOpen = output.data().get(output.length() - 1) != '\n';
            }
            while (records.size() > 1 && newlines - newlines(records.getFirst()) > newlinesWanted()) {
                newlines -= newlines(records.removeFirst());
            }
        }

        /** Newlines in the lines wanted; one less where the last line has not ended. */
        private long newlinesWanted() {
            return isLastLineOpen ? linesWanted - 1 : linesWanted;
        }

        /** Whether the first line wanted is whole: a newline stands before it. */
        boolean isEnough() {
            return newlines > newlinesWanted();
        }

        void print(Consumer<TimelineRecord> target) {
            long skipped = Math.max(0, newlines - newlinesWanted());
            for (var record : records) {
                if (record instanceof TimelineRecord.Output output && skipped > 0) {
                    long here = newlines(output);
                    if (skipped > here) {
                        skipped -= here;
                        continue;
                    }
                    var rest = behind(output, skipped);
                    skipped = 0;
                    if (rest.length() > 0) {
                        target.accept(rest);
                    }
                } else if (skipped == 0 && linesWanted > 0) {
                    target.accept(record);
                }
            }
        }

        private static TimelineRecord.Output behind(TimelineRecord.Output output, long newlines) {
            var data = output.data();
            for (long left = newlines; left > 0; ) {
                if (data.get() == '\n') {
                    left--;
                }
            }
            long offset = output.offset() + data.position();
            return new TimelineRecord.Output(
                    output.sequence(), output.timestamp(), output.cursor(), output.stream(), offset, data.slice());
        }

        private static long newlines(TimelineRecord record) {
            if (!(record instanceof TimelineRecord.Output output)) {
                return 0;
            }
            long count = 0;
            for (ByteBuffer data = output.data(); data.hasRemaining(); ) {
                count += data.get() == '\n' ? 1 : 0;
            }
            return count;
        }
    }
}
