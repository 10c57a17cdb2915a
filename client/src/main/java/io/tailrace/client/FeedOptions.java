package io.tailrace.client;

import io.tailrace.api.v1.FollowFeedRequest;
import java.time.Duration;

/** What a follower wants of the feed: by default everything from now on. Not thread-safe. */
public final class FeedOptions {
    private final FollowFeedRequest.Builder request = FollowFeedRequest.newBuilder();
    private Duration reconnectTimeout = FollowOptions.RECONNECT_TIMEOUT;

    /** Begins behind the record that had this cursor. */
    public FeedOptions after(String cursor) {
        request.setCursor(cursor);
        return this;
    }

    /** Begins with the oldest record there is. */
    public FeedOptions fromStart() {
        request.setStart(true);
        return this;
    }

    /** Only this container, by id, prefix or name. */
    public FeedOptions container(String container) {
        request.setContainer(container);
        return this;
    }

    /** How long to go on trying after the connection was lost, without any progress, before failing; by default 60 s. */
    public FeedOptions reconnectTimeout(Duration timeout) {
        this.reconnectTimeout = timeout;
        return this;
    }

    FollowFeedRequest request() {
        return request.build();
    }

    Duration reconnectTimeout() {
        return reconnectTimeout;
    }
}
