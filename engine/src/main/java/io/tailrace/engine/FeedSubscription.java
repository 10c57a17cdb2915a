package io.tailrace.engine;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One reader of the feed. As {@link Subscription}. */
public interface FeedSubscription extends AutoCloseable {
    /** The next record; null when the time is up or it was closed. */
    @Nullable FeedRecord next(Duration timeout) throws InterruptedException;

    /** The place behind the last record. */
    Cursor cursor();

    /** Ends it. */
    @Override
    void close();
}
