package io.tailrace.engine;

import io.tailrace.log.TimelineRecord;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a process stands; the fold of its timeline.
 *
 * @param pid on the host; 0 if it does not run
 * @param startedAt of its latest run; null if never
 * @param finishedAt of its latest run; null if it never ran or runs
 * @param exit how its latest run ended; null if it never ran or runs
 * @param restarts how often its restart policy has started it since a client did, one that is due included
 */
public record ProcessStatus(
        ContainerState state,
        long pid,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        TimelineRecord.@Nullable Exit exit,
        long restarts) {}
