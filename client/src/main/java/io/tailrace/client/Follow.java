package io.tailrace.client;

import io.grpc.MethodDescriptor;
import io.tailrace.api.v1.FollowEnd;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.FollowResponse;
import io.tailrace.api.v1.TimelinesGrpc;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A timeline being read: records in order, each exactly once, blocking until the next one is there. A lost connection is
 * made again and reading goes on behind the last record; a slow caller slows nobody but itself, the records wait on the
 * server.
 *
 * <p>It ends only as was asked for, by default behind the exit. Anything else is a {@link TailraceException}: what was
 * cut off never looks complete. CORRUPT says that what arrived is not what was recorded.
 *
 * <p>One thread reads; any thread may close, which makes the reader fail with CANCELLED. It can be iterated once.
 */
public final class Follow implements AutoCloseable, Iterable<TimelineRecord> {
    private static final MethodDescriptor<FollowRequest, FollowResponse> METHOD =
            SharedBytes.of(TimelinesGrpc.getFollowMethod(), FollowResponse.parser());

    private final ResumingReader<FollowRequest, FollowResponse, TimelineRecord> reader;
    private final Records records;

    Follow(Connection connection, String containerId, String execId, FollowOptions options) {
        records = new Records(options.request(containerId, execId), new Delivery(options.wholeStreams()));
        reader = new ResumingReader<>(connection, METHOD, records, options.reconnectTimeout());
    }

    /** The next record; blocks until there is one. Empty at the end. */
    public Optional<TimelineRecord> next() {
        return Optional.ofNullable(reader.next());
    }

    /** The place behind the last record read, to go on from with {@link FollowOptions#after}; empty before the first. */
    public String cursor() {
        return records.cursor;
    }

    /** How many connections it took to get here, beyond the first. */
    public int reconnects() {
        return Math.max(0, records.requests.get() - 1);
    }

    @Override
    public Iterator<TimelineRecord> iterator() {
        return new Iterator<>() {
            private @Nullable TimelineRecord next;

            @Override
            public boolean hasNext() {
                if (next == null) {
                    next = reader.next();
                }
                return next != null;
            }

            @Override
            public TimelineRecord next() {
                if (!hasNext() || next == null) {
                    throw new NoSuchElementException("the timeline has ended");
                }
                var result = next;
                next = null;
                return result;
            }
        };
    }

    /** Ends reading. */
    @Override
    public void close() {
        reader.close();
    }

    /** What the wire's messages mean, and where to go on. */
    private static final class Records implements ResumingReader.Source<FollowRequest, FollowResponse, TimelineRecord> {
        private final FollowRequest first;
        private final Delivery delivery;
        private volatile String cursor = "";
        private final AtomicInteger requests = new AtomicInteger();

        Records(FollowRequest first, Delivery delivery) {
            this.first = first;
            this.delivery = delivery;
            delivery.begins(first);
        }

        @Override
        public FollowRequest request() {
            requests.incrementAndGet();
            return cursor.isEmpty()
                    ? first
                    : first.toBuilder().setCursor(cursor).build();
        }

        @Override
        public @Nullable TimelineRecord accept(FollowResponse message) {
            if (message.hasHeartbeat() && !message.getHeartbeat().getCursor().isEmpty()) {
                // It has looked at everything before: also what was filtered out need not be looked at again.
                cursor = message.getHeartbeat().getCursor();
            }
            if (!message.hasRecord() || !delivery.isNew(message.getRecord())) {
                return null;
            }
            var record = message.getRecord();
            var result = TimelineWire.record(record);
            delivery.accept(record.getSequence(), result);
            cursor = record.getCursor();
            return result;
        }

        @Override
        public boolean isComplete() {
            return first.getEnd() != FollowEnd.FOLLOW_END_EXIT || first.hasUntil() || delivery.isEnded();
        }
    }
}
