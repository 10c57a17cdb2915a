package io.tailrace.client;

import io.tailrace.api.v1.FollowFeedRequest;
import io.tailrace.api.v1.FollowFeedResponse;
import io.tailrace.api.v1.TimelinesGrpc;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The feed being read: lifecycle records in order, each exactly once, blocking until the next one is there, over lost
 * connections as well. It has no end: it is closed, or fails with a {@link TailraceException}.
 *
 * <p>One thread reads; any thread may close, which makes the reader fail with CANCELLED.
 */
public final class Feed implements AutoCloseable, Iterable<FeedRecord> {
    private final ResumingReader<FollowFeedRequest, FollowFeedResponse, FeedRecord> reader;

    Feed(Connection connection, FeedOptions options) {
        reader = new ResumingReader<>(
                connection,
                TimelinesGrpc.getFollowFeedMethod(),
                new Records(options.request()),
                options.reconnectTimeout());
    }

    /** The next record; blocks until there is one. */
    public FeedRecord next() {
        var record = reader.next();
        if (record == null) {
            throw new TailraceException(ErrorCode.INCOMPLETE, "the feed ended (expected: never)");
        }
        return record;
    }

    @Override
    public Iterator<FeedRecord> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public FeedRecord next() {
                return Feed.this.next();
            }
        };
    }

    /** Ends reading. */
    @Override
    public void close() {
        reader.close();
    }

    /** What the wire's messages mean, and where to go on. */
    private static final class Records
            implements ResumingReader.Source<FollowFeedRequest, FollowFeedResponse, FeedRecord> {
        private final FollowFeedRequest first;
        private String cursor = "";
        private long lastSequence = -1;

        Records(FollowFeedRequest first) {
            this.first = first;
        }

        @Override
        public FollowFeedRequest request() {
            return cursor.isEmpty()
                    ? first
                    : first.toBuilder().setCursor(cursor).build();
        }

        @Override
        public @Nullable FeedRecord accept(FollowFeedResponse message) {
            if (message.hasHeartbeat() && !message.getHeartbeat().getCursor().isEmpty()) {
                cursor = message.getHeartbeat().getCursor();
            }
            if (!message.hasRecord() || message.getRecord().getSequence() <= lastSequence) {
                return null;
            }
            var record = TimelineWire.feedRecord(message.getRecord());
            lastSequence = record.sequence();
            cursor = record.cursor();
            return record;
        }

        @Override
        public boolean isComplete() {
            return false;
        }
    }
}
