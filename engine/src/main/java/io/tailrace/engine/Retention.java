package io.tailrace.engine;

import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes timelines whose time is up, and the old parts of those that are too long. Used by one thread at a time. */
final class Retention {
    private static final Logger log = LoggerFactory.getLogger(Retention.class);
    private static final Duration PERIOD_MAX = Duration.ofSeconds(10);
    private static final Duration PERIOD_MIN = Duration.ofMillis(100);

    private final EngineContext context;
    private final Registry registry;

    Retention(EngineContext context, Registry registry) {
        this.context = context;
        this.registry = registry;
    }

    /** How often to sweep. */
    Duration period() {
        Duration period = context.config().retention().dividedBy(4);
        return period.compareTo(PERIOD_MIN) < 0 ? PERIOD_MIN : period.compareTo(PERIOD_MAX) > 0 ? PERIOD_MAX : period;
    }

    synchronized void sweep() {
        long nowNanos = Fold.nanos(context.clock().instant());
        for (EngineContainer container : registry.list()) {
            try {
                sweep(container, nowNanos);
            } catch (EngineException | IOException e) {
                log.warn("retention of {} failed", container.id(), e);
            }
        }
    }

    private void sweep(EngineContainer container, long nowNanos) throws IOException {
        Fold fold = container.journal().fold();
        Duration retention = container.retention();
        boolean isOver =
                fold.state() == ContainerState.REMOVED && nowNanos - fold.changedAtNanos() >= retention.toNanos();
        if (isOver) {
            purge(container);
            return;
        }
        container.openExecs().purge(retention, nowNanos);
        trim(container.journal());
        for (EngineExec exec : container.openExecs().list()) {
            trim(exec.process().journal());
        }
    }

    private static void trim(Journal journal) throws IOException {
        var _ = journal.timeline().trim();
    }

    /** From now on nobody finds it; those who read it see its end. */
    private void purge(EngineContainer container) {
        context.data()
                .raiseFeedFloor(Math.max(
                        container.journal().fold().lastFeed(),
                        container.openExecs().lastFeed()));
        registry.purge(container.id());
        container.openExecs().list().forEach(exec -> exec.process().journal().closeAnyway());
        container.journal().closeAnyway();
        context.data().deleteContainer(container.id());
        context.problems().forget(container.id());
        container.openExecs().list().forEach(exec -> context.problems().forget(exec.timelineId()));
    }
}
