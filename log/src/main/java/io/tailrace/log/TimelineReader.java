package io.tailrace.log;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** SKELETON: signatures are final. A cursor over a timeline. Used by one thread at a time, but close() by any. */
public final class TimelineReader implements AutoCloseable {
    private TimelineReader() {}

    /** The next record if it is already there; null if this reader is at the end. Never blocks but for the disk. */
    public @Nullable TimelineRecord poll() throws IOException {
        throw new UnsupportedOperationException("skeleton");
    }

    /**
     * The next record; waits for it. Null when the time is up, or at once when {@link #isClosed}. Meant for virtual threads.
     */
    public @Nullable TimelineRecord next(Duration timeout) throws IOException, InterruptedException {
        throw new UnsupportedOperationException("skeleton");
    }

    /** The sequence of the record that comes next. */
    public long position() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Whether this reader or its timeline was closed (records that are there can still be polled in the latter case). */
    public boolean isClosed() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Wakes a waiting {@link #next}. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("skeleton");
    }
}
