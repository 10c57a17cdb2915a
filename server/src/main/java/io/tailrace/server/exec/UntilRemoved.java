package io.tailrace.server.exec;

import io.tailrace.engine.ContainerState;
import io.tailrace.engine.Cursor;
import io.tailrace.engine.FeedRecord;
import io.tailrace.server.stream.Source;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The feed, which ends when one container was removed: nothing can happen to it afterwards. */
final class UntilRemoved implements Source<FeedRecord> {
    private final Source<FeedRecord> feed;
    private final String containerId;
    private boolean isRemoved;

    /** The feed. @param containerId empty: it never ends */
    UntilRemoved(Source<FeedRecord> feed, String containerId) {
        this.feed = feed;
        this.containerId = containerId;
    }

    @Override
    public @Nullable FeedRecord next(Duration timeout) throws InterruptedException {
        return isRemoved ? null : look(feed.next(timeout));
    }

    @Override
    public @Nullable FeedRecord poll() throws InterruptedException {
        return isRemoved ? null : look(feed.poll());
    }

    private @Nullable FeedRecord look(@Nullable FeedRecord record) {
        isRemoved = record != null
                && record.containerId().equals(containerId)
                && record.execId().isEmpty()
                && record.event().equals(ContainerState.REMOVED.word());
        return record;
    }

    @Override
    public boolean isEnded() {
        return isRemoved || feed.isEnded();
    }

    @Override
    public Cursor cursor() {
        return feed.cursor();
    }

    @Override
    public void close() {
        feed.close();
    }
}
