package io.tailrace.server.exec;

import io.tailrace.api.exec.ContainerLifecycleEvent;
import io.tailrace.engine.Container;
import io.tailrace.engine.FeedRecord;
import io.tailrace.engine.ProcessStatus;
import io.tailrace.log.TimelineRecord;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The feed's records in this service's words. */
final class LifecycleEvents {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** An event of this service: its type, the status that it leads to, and the message for people. */
    private record Event(String type, String status, String message) {}

    private static final Event REGISTERED = new Event("registered", "created", "container was created");
    private static final Event STARTED = new Event("started", "running", "container started");
    private static final Event PAUSED = new Event("paused", "paused", "container paused");
    private static final Event RESUMED = new Event("resumed", "running", "container resumed");
    private static final Event EXITED = new Event("exited", "exited", "container exited with code %d");
    private static final Event UNREGISTERED = new Event("unregistered", "exited", "container was removed");

    /** By the feed's word for it; others have none here. */
    private static final Map<String, Event> EVENTS = Map.of(
            "created", REGISTERED,
            "running", STARTED,
            "paused", PAUSED,
            "resumed", RESUMED,
            "exited", EXITED,
            "removed", UNREGISTERED);

    private LifecycleEvents() {}

    /** Whether this service has a word for a record: of a container itself, not of its execs. */
    static boolean isLifecycle(FeedRecord record) {
        return record.execId().isEmpty() && EVENTS.containsKey(record.event());
    }

    static boolean isRemoval(ContainerLifecycleEvent event) {
        return event.getEventType().equals(UNREGISTERED.type());
    }

    static ContainerLifecycleEvent of(FeedRecord record) {
        Event event = EVENTS.getOrDefault(record.event(), REGISTERED);
        int exitCode = record.record() instanceof TimelineRecord.Exit exit ? exit.exitCode() : 0;
        return of(record.containerId(), event, record.record().timestampNanos() / NANOS_PER_SECOND, exitCode);
    }

    /** The event that led to where a container stands. */
    static ContainerLifecycleEvent latest(Container container) {
        ProcessStatus status = container.status();
        Instant startedAt = status.startedAt();
        Instant finishedAt = status.finishedAt();
        TimelineRecord.Exit exit = status.exit();
        return switch (status.state()) {
            case CREATED, STARTING ->
                of(container.id(), REGISTERED, status.createdAt().getEpochSecond(), 0);
            case RUNNING, DRAINING -> of(container.id(), STARTED, seconds(startedAt, status), 0);
            case PAUSED -> of(container.id(), PAUSED, seconds(startedAt, status), 0);
            case RESTARTING, EXITED, REMOVED ->
                of(container.id(), EXITED, seconds(finishedAt, status), exit == null ? 0 : exit.exitCode());
        };
    }

    private static long seconds(@Nullable Instant instant, ProcessStatus status) {
        return (instant == null ? status.createdAt() : instant).getEpochSecond();
    }

    private static ContainerLifecycleEvent of(String containerId, Event event, long seconds, int exitCode) {
        return ContainerLifecycleEvent.newBuilder()
                .setContainerId(containerId)
                .setEventType(event.type())
                .setStatus(event.status())
                .setTimestamp(seconds)
                .setExitCode(exitCode)
                .setMessage(event.message().formatted(exitCode))
                .build();
    }
}
