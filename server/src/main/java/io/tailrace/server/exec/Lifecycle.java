package io.tailrace.server.exec;

import io.tailrace.api.exec.ContainerLifecycleEvent;
import io.tailrace.engine.Container;
import io.tailrace.engine.Cursor;
import io.tailrace.engine.Engine;
import io.tailrace.engine.FeedRecord;
import io.tailrace.server.stream.GrpcStream;
import io.tailrace.server.stream.Pump;
import io.tailrace.server.stream.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What happens to one container, or to all. A new subscriber first gets each container's latest event, so that it does
 * not matter whether it came before or after the start: the feed is read from its beginning, and of what lies before now
 * only each container's last event is sent.
 */
final class Lifecycle implements Pump.Sink<FeedRecord> {
    private static final Cursor OLDEST = new Cursor(Cursor.FEED, 0);

    private final GrpcStream<ContainerLifecycleEvent> stream;
    private final Engine engine;

    /** Empty for all. */
    private final String containerId;

    /** Up to this feed sequence, events are history. */
    private final long now;

    /** What history comes to for each container: its latest event; its exit and its removal if it was removed. */
    private final Map<String, List<ContainerLifecycleEvent>> latest = new LinkedHashMap<>();

    private boolean isLive;

    private Lifecycle(GrpcStream<ContainerLifecycleEvent> stream, Engine engine, String containerId, long now) {
        this.stream = stream;
        this.engine = engine;
        this.containerId = containerId;
        this.now = now;
    }

    /** Serves it until the client leaves, or until the one container was removed. */
    static void serve(GrpcStream<ContainerLifecycleEvent> stream, Engine engine, String reference)
            throws InterruptedException {
        String containerId =
                reference.isEmpty() ? "" : engine.container(reference).id();
        Cursor now;
        try (var fromNow = engine.feed(null)) {
            now = fromNow.cursor();
        }
        var lifecycle = new Lifecycle(stream, engine, containerId, now.sequence());
        lifecycle.goLiveAt(0);
        try (var source = stream.closeAtEnd(new UntilRemoved(Source.of(engine.feed(OLDEST)), containerId))) {
            Pump.run(source, stream, lifecycle);
        }
        // One that was removed before now ended the feed within history.
        lifecycle.goLiveAt(now.sequence());
        stream.awaitReady();
        lifecycle.flush();
        stream.complete();
    }

    @Override
    public int accept(FeedRecord record, Cursor cursor) {
        int bytes = 0;
        if (LifecycleEvents.isLifecycle(record) && isWanted(record.containerId())) {
            ContainerLifecycleEvent event = LifecycleEvents.of(record);
            if (record.sequence() <= now) {
                remember(event);
            } else {
                bytes = send(event);
            }
        }
        goLiveAt(record.sequence());
        return bytes;
    }

    @Override
    public void idle(Cursor cursor) {
        goLiveAt(cursor.sequence());
    }

    @Override
    public void flush() {
        stream.flush();
    }

    /** Sends what history comes to, once all of it was read. */
    private void goLiveAt(long sequence) {
        if (isLive || sequence < now) {
            return;
        }
        isLive = true;
        for (Container container : engine.containers(false)) {
            // The feed has a bound; what it no longer holds is known from the container itself.
            if (isWanted(container.id())) {
                latest.computeIfAbsent(container.id(), id -> List.of(LifecycleEvents.latest(container)));
            }
        }
        latest.values().forEach(events -> events.forEach(this::send));
        latest.clear();
    }

    private void remember(ContainerLifecycleEvent event) {
        if (!LifecycleEvents.isRemoval(event)) {
            latest.put(event.getContainerId(), List.of(event));
        } else if (containerId.isEmpty()) {
            latest.remove(event.getContainerId());
        } else {
            // Who asks for one that is gone still gets its exit code.
            var events = new ArrayList<>(latest.getOrDefault(event.getContainerId(), List.of()));
            events.add(event);
            latest.put(event.getContainerId(), List.copyOf(events));
        }
    }

    private boolean isWanted(String id) {
        return containerId.isEmpty() || containerId.equals(id);
    }

    private int send(ContainerLifecycleEvent event) {
        stream.prepare(event);
        return event.getSerializedSize();
    }
}
