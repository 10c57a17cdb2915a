package io.tailrace.engine;

import io.tailrace.log.TimelineRecord;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One reader of a timeline, pulling at its own pace. Used by one (virtual) thread at a time; {@link #close} by any.
 */
public interface Subscription extends AutoCloseable {
    /**
     * The next record that was asked for; waits for it.
     *
     * @return null when the time is up or the subscription has ended; see {@link #isEnded}
     */
    @Nullable TimelineRecord next(Duration timeout) throws InterruptedException;

    /** The next record if it is already recorded, else null. */
    @Nullable TimelineRecord poll();

    /** Whether it has delivered all it ever will. */
    boolean isEnded();

    /** Whether it ended because whatever is to come is later than what was asked for. */
    boolean isPastUntil();

    /** The place behind the last record that was read (delivered or filtered out). */
    Cursor cursor();

    /** Ends it, waking a waiting {@link #next}. */
    @Override
    void close();
}
