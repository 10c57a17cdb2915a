package io.tailrace.server.stream;

import io.tailrace.engine.Cursor;
import io.tailrace.engine.FeedRecord;
import io.tailrace.engine.FeedSubscription;
import io.tailrace.engine.Subscription;
import io.tailrace.log.TimelineRecord;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a timeline's subscription and the feed's have in common. Read by one thread; closed by any. */
public interface Source<R> extends AutoCloseable {
    /** The next record; null when the time is up or the source has ended. */
    @Nullable R next(Duration timeout) throws InterruptedException;

    /** The next record if it is there. */
    @Nullable R poll() throws InterruptedException;

    /** Whether it has delivered all it ever will. */
    boolean isEnded();

    /** Whether it ended because whatever is to come is later than what was asked for. */
    default boolean isPastUntil() {
        return false;
    }

    /** The place behind the last record that was read. */
    Cursor cursor();

    @Override
    void close();

    /** A timeline's records. */
    static Source<TimelineRecord> of(Subscription subscription) {
        return new Source<>() {
            @Override
            public @Nullable TimelineRecord next(Duration timeout) throws InterruptedException {
                return subscription.next(timeout);
            }

            @Override
            public @Nullable TimelineRecord poll() {
                return subscription.poll();
            }

            @Override
            public boolean isEnded() {
                return subscription.isEnded();
            }

            @Override
            public boolean isPastUntil() {
                return subscription.isPastUntil();
            }

            @Override
            public Cursor cursor() {
                return subscription.cursor();
            }

            @Override
            public void close() {
                subscription.close();
            }
        };
    }

    /** The feed's records. */
    static Source<FeedRecord> of(FeedSubscription subscription) {
        return new Source<>() {
            @Override
            public @Nullable FeedRecord next(Duration timeout) throws InterruptedException {
                return subscription.next(timeout);
            }

            @Override
            public @Nullable FeedRecord poll() throws InterruptedException {
                return subscription.next(Duration.ZERO);
            }

            @Override
            public boolean isEnded() {
                return false;
            }

            @Override
            public Cursor cursor() {
                return subscription.cursor();
            }

            @Override
            public void close() {
                subscription.close();
            }
        };
    }
}
