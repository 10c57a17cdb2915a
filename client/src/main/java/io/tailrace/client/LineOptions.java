package io.tailrace.client;

import io.tailrace.api.v1.WaitForLineRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Which line is waited for: by default the first of both streams that matches, from the first record that is still there,
 * without limit. Each method sets one thing and returns this. Not thread-safe.
 */
public final class LineOptions {
    private final WaitForLineRequest.Builder request;
    private @Nullable Duration timeout;

    /** @param pattern a regular expression of RE2, found anywhere in the line, which is decoded as UTF-8 */
    public LineOptions(String pattern) {
        request = WaitForLineRequest.newBuilder().setPattern(pattern);
    }

    /** Begins behind a cursor, as that of a line found before. */
    public LineOptions after(String cursor) {
        request.setCursor(cursor);
        return this;
    }

    /** Only lines of these streams. */
    public LineOptions streams(StandardStream... wanted) {
        request.clearStreams();
        for (var stream : wanted) {
            request.addStreams(TimelineWire.stream(stream));
        }
        return this;
    }

    /** How long to wait. Zero: only for what is there. */
    public LineOptions timeout(Duration limit) {
        if (limit.isNegative()) {
            throw new TailraceException(ErrorCode.INVALID_ARGUMENT, "timeout: %s (expected: >= 0)".formatted(limit));
        }
        timeout = limit;
        return this;
    }

    WaitForLineRequest.Builder request() {
        return request.clone();
    }

    @Nullable Duration timeout() {
        return timeout;
    }
}
