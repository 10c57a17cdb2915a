package io.tailrace.engine;

import io.tailrace.log.TimelineRecord;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** The reader of a simulation's feed, that goes on where it was; what it sees is held against the timelines. */
final class SimulatedFeedReader implements Runnable {
    private static final Duration WAIT = Duration.ofMillis(20);

    private final Simulation simulation;
    private final Map<Long, FeedRecord> records = new ConcurrentSkipListMap<>();
    private long next = 1;
    private volatile boolean mustForget;
    private volatile boolean isStopped;

    SimulatedFeedReader(Simulation simulation) {
        this.simulation = simulation;
    }

    void forget() {
        mustForget = true;
    }

    void stop() {
        isStopped = true;
    }

    @Override
    public void run() {
        try {
            while (!isStopped) {
                Engine engine = simulation.engineOrNull();
                if (engine == null) {
                    Thread.sleep(1);
                } else {
                    read(engine);
                }
            }
        } catch (InterruptedException e) {
            // It is told to end.
        } catch (RuntimeException | AssertionError e) {
            simulation.failed("the reader of the feed", e);
        }
    }

    private void read(Engine engine) throws InterruptedException {
        if (mustForget) {
            records.clear();
            next = 1;
            mustForget = false;
        }
        try (FeedSubscription feed = engine.feed(new Cursor(Cursor.FEED, next - 1))) {
            int waits = 0;
            while (!isStopped && !mustForget && simulation.engineOrNull() == engine && waits < 10) {
                FeedRecord record = feed.next(WAIT);
                if (record == null) {
                    waits++;
                } else if (!mustForget) {
                    take(record);
                }
            }
        } catch (EngineException e) {
            simulation.checkReadFailure(e, engine);
            Thread.sleep(1);
        }
    }

    private void take(FeedRecord record) {
        if (record.record() instanceof TimelineRecord.Gap gap) {
            if (gap.sequence() != next && next != 1) {
                throw new AssertionError("feed: %d expected: %s".formatted(next, record));
            }
            next = gap.lastSequence() + 1;
            return;
        }
        if (record.sequence() != next && next != 1) {
            throw new AssertionError("feed: %d expected: %s".formatted(next, record));
        }
        see(record);
        next = record.sequence() + 1;
    }

    /** A record of the feed was delivered, to this reader or another. */
    void see(FeedRecord record) {
        FeedRecord known = records.putIfAbsent(record.sequence(), record);
        if (known != null && !known.equals(record)) {
            throw new AssertionError("two records for one number of the feed: %s and %s".formatted(known, record));
        }
        String id = record.execId().isEmpty() ? record.containerId() : record.containerId() + "/" + record.execId();
        simulation.seen(id).see(record.record());
    }

    Map<Long, FeedRecord> records() {
        return records;
    }
}
