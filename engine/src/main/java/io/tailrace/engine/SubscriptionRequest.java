package io.tailrace.engine;

import io.tailrace.log.StdStream;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a reader wants of a timeline.
 *
 * @param from where it begins
 * @param kinds which records it wants; empty: all. Gap and Exit always come
 * @param streams of Output, which streams; empty: both
 * @param end when the subscription ends
 * @param since leaves out what was recorded before; null: nothing
 * @param until ends before the first record that is later, or when that time is over; null: not at a time
 */
public record SubscriptionRequest(
        From from,
        Set<Kind> kinds,
        Set<StdStream> streams,
        End end,
        @Nullable Instant since,
        @Nullable Instant until) {
    /** Copies the sets. */
    public SubscriptionRequest {
        kinds = Set.copyOf(kinds);
        streams = Set.copyOf(streams);
    }

    /** Whatever the time. */
    public SubscriptionRequest(From from, Set<Kind> kinds, Set<StdStream> streams, End end) {
        this(from, kinds, streams, end, null, null);
    }

    /** Everything from the start until the process has exited. */
    public static SubscriptionRequest fromStart() {
        return new SubscriptionRequest(new From.Start(), Set.of(), Set.of(), End.EXIT);
    }

    /** The kinds of records. */
    public enum Kind {
        /** A chunk of output. */
        OUTPUT,
        /** A change of state. */
        STATE,
        /** A health check's result. */
        HEALTH,
        /** A message. */
        MESSAGE
    }

    /** When a subscription ends. */
    public enum End {
        /** With what is recorded now. */
        NOW,
        /** With the Exit record, if the process is not being started again; at once behind it if it has exited. */
        EXIT,
        /** Never, until the timeline is deleted. */
        NEVER
    }

    /** Where a subscription begins. */
    public sealed interface From {
        /** With the first record that is still there. */
        record Start() implements From {}

        /** With the next record. */
        record Now() implements From {}

        /** Behind a record that was seen. */
        record After(Cursor cursor) implements From {}

        /** With the last n records that match. */
        record Last(long records) implements From {}

        /**
         * With the last n lines of output, those of the streams that are wanted counted together as they were recorded; a
         * last line without its end is one. Other records before them are left out, but a Gap where lines are missing for
         * it. The first data delivered begins exactly there. 0: as {@link Now}.
         */
        record Lines(long lines) implements From {}

        /**
         * With the byte at an offset of a stream; the first Output record may begin before it only as far as the
         * subscription cuts it: the first data delivered begins exactly there.
         */
        record Offset(StdStream stream, long offset) implements From {}
    }
}
