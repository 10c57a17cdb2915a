package io.tailrace.engine;

import io.tailrace.log.TimelineRecord;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A lifecycle record as the fold remembers it: enough to tell the history and to rebuild the feed, also when retention
 * has deleted the record itself.
 *
 * @param feed its number in the feed
 * @param sequence its number in its timeline
 * @param state that was entered, or stayed
 * @param event what happened, in the feed's words
 * @param attributes of a State, without the bulky ones
 * @param exit the Exit record; null for a State
 */
record LifecycleEntry(
        long feed,
        long sequence,
        long timestampNanos,
        String state,
        String event,
        Map<String, String> attributes,
        TimelineRecord.@Nullable Exit exit) {
    static final String REQUEST = "request";
    static final String SPEC = "spec";
    static final String HANDLE = "handle";
    static final String RESTART = "restart";
    static final String NAME = "name";
    static final String TIMELINE_BYTES = "timelineBytesMax";
    static final String HEALTH_CHECK = "healthCheck";

    /** The attribute of a container that others made. */
    static final String FOREIGN = "foreign";

    /** The event of another health status, and the attribute that says which. */
    static final String HEALTH = "health";

    static final String FAILING_STREAK = "failingStreak";

    /**
     * The attribute of a State record that leaves the state as it was: what else has changed, in the feed's words. Its other
     * attributes are laid over those of the {@code created} record.
     */
    static final String EVENT = "event";

    LifecycleEntry {
        Objects.requireNonNull(state);
        Objects.requireNonNull(event);
        attributes = Map.copyOf(attributes);
    }

    static LifecycleEntry of(TimelineRecord.State state, String event, long feed) {
        return new LifecycleEntry(
                feed,
                state.sequence(),
                state.timestampNanos(),
                state.state(),
                event,
                withoutBulk(state).attributes(),
                null);
    }

    static LifecycleEntry of(TimelineRecord.Exit exit, long feed) {
        return new LifecycleEntry(
                feed,
                exit.sequence(),
                exit.timestampNanos(),
                ContainerState.EXITED.word(),
                ContainerState.EXITED.word(),
                Map.of(),
                exit);
    }

    /** A State as readers see it: what the engine keeps for itself in it is large, and its environment is no output. */
    static TimelineRecord.State withoutBulk(TimelineRecord.State state) {
        if (!state.attributes().containsKey(REQUEST)) {
            return state;
        }
        Map<String, String> kept = new HashMap<>(state.attributes());
        kept.remove(REQUEST);
        kept.remove(SPEC);
        kept.remove(HANDLE);
        kept.remove(HEALTH_CHECK);
        return new TimelineRecord.State(state.sequence(), state.timestampNanos(), state.state(), kept);
    }

    TimelineRecord record() {
        return exit != null ? exit : new TimelineRecord.State(sequence, timestampNanos, state, attributes);
    }
}
