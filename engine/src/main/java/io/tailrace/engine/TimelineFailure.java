package io.tailrace.engine;

import io.tailrace.log.TimelineClosedException;
import io.tailrace.log.TimelineFullException;
import java.io.IOException;

/** What a timeline could not do, as the engine's failure. */
final class TimelineFailure {
    private TimelineFailure() {}

    /** A failed append, or a timeline that could not be made or opened. */
    static EngineException inWriting(IOException e) {
        if (e instanceof TimelineFullException) {
            return new EngineException(ErrorCode.RESOURCE_EXHAUSTED, "the disk is full: " + e.getMessage(), e);
        }
        if (OutOfFiles.is(e)) {
            return new EngineException(
                    ErrorCode.RESOURCE_EXHAUSTED, "a timeline cannot be written: " + e.getMessage(), e);
        }
        if (e instanceof TimelineClosedException) {
            return new EngineException(ErrorCode.UNAVAILABLE, "the server is closing", e);
        }
        return new EngineException(ErrorCode.INTERNAL, "a timeline cannot be written: " + e, e);
    }

    /** A failed read. */
    static EngineException inReading(IOException e) {
        ErrorCode code = OutOfFiles.is(e) ? ErrorCode.RESOURCE_EXHAUSTED : ErrorCode.INTERNAL;
        return new EngineException(code, "a timeline cannot be read: " + e, e);
    }
}
