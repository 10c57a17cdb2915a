package io.tailrace.server.v1;

import io.tailrace.engine.Cursor;
import io.tailrace.engine.Engine;
import io.tailrace.engine.FeedRecord;
import io.tailrace.log.TimelineRecord;

/** Which records of the feed a reader wants. @param containerId empty for all */
record FeedFilter(String containerId) {
    /** Before the oldest record. */
    static final Cursor OLDEST = new Cursor(Cursor.FEED, 0);

    /** The filter for a container as clients name it. @param container empty for all */
    static FeedFilter of(Engine engine, String container) {
        return new FeedFilter(
                container.isEmpty() ? "" : engine.container(container).id());
    }

    /** Whether it wants a record: gaps concern everybody. */
    boolean matches(FeedRecord record) {
        return containerId.isEmpty()
                || containerId.equals(record.containerId())
                || record.record() instanceof TimelineRecord.Gap;
    }
}
