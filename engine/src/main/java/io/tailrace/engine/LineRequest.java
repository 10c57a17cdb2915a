package io.tailrace.engine;

import io.tailrace.log.StdStream;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A line that is waited for.
 *
 * @param pattern a regular expression of RE2 that is found anywhere in it; the line is decoded as UTF-8
 * @param after where to begin; null: with the first record that is still there
 * @param streams that it may be written to; empty: both
 * @param timeout null: no limit
 */
public record LineRequest(
        String pattern,
        @Nullable Cursor after,
        Set<StdStream> streams,
        @Nullable Duration timeout) {
    /** Copies the set. */
    public LineRequest {
        streams = Set.copyOf(streams);
    }
}
