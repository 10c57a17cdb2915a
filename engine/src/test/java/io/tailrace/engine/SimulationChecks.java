package io.tailrace.engine;

import io.tailrace.log.TimelineRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** Holds what the last server of a simulation tells at its end against what happened. */
final class SimulationChecks {
    private final Simulation simulation;
    private final SimulatedProcesses processes;
    private final SimulatedFeedReader feedReader;
    private final Set<String> powerLost;
    private long bytes;
    private int restarts;

    /** @param powerLost timelines of which a power cut may have taken records */
    SimulationChecks(
            Simulation simulation,
            SimulatedProcesses processes,
            SimulatedFeedReader feedReader,
            Set<String> powerLost) {
        this.simulation = simulation;
        this.processes = processes;
        this.feedReader = feedReader;
        this.powerLost = powerLost;
    }

    /** Bytes that were compared. */
    long bytes() {
        return bytes;
    }

    /** Restarts by policy that were seen. */
    int restarts() {
        return restarts;
    }

    /** Holds a whole timeline against what its processes did. */
    void check(ContainerProcess process) {
        List<TimelineRecord> delivered = new ArrayList<>();
        if (simulation.processOrNull(process.timelineId()) == null) {
            return; // its retention is over
        }
        long seenBefore = simulation.seen(process.timelineId()).lastSequence();
        try (Subscription all = process.subscribe(new SubscriptionRequest(
                new SubscriptionRequest.From.Start(), Set.of(), Set.of(), SubscriptionRequest.End.NOW))) {
            for (TimelineRecord record = all.poll(); record != null; record = all.poll()) {
                delivered.add(record);
            }
        } catch (EngineException e) {
            if (e.code() == ErrorCode.NOT_FOUND) {
                return; // its retention has ended meanwhile
            }
            throw e;
        }
        String id = process.timelineId();
        SeenTimeline timeline = simulation.seen(id);
        bytes += timeline.check(delivered, processes.runs(id), powerLost.contains(id));
        restarts += simulation.restarts().check(id, delivered);
        long expected = 1;
        for (TimelineRecord record : delivered) {
            if (record.sequence() != expected) {
                throw new AssertionError("%s: sequence %d expected: %s".formatted(id, expected, record));
            }
            expected = record instanceof TimelineRecord.Gap gap ? gap.lastSequence() + 1 : expected + 1;
        }
        if (seenBefore >= expected) {
            throw new AssertionError("%s ends with %d, seen were %d".formatted(id, expected - 1, seenBefore));
        }
    }

    /** All numbers are there once, and those of records that are there are those records'. */
    void checkFeed(Engine last) throws InterruptedException {
        TreeMap<Long, FeedRecord> delivered = new TreeMap<>();
        try (FeedSubscription feed = last.feed(new Cursor(Cursor.FEED, 0))) {
            for (FeedRecord record = feed.next(Duration.ZERO); record != null; record = feed.next(Duration.ZERO)) {
                long from = record.record() instanceof TimelineRecord.Gap gap ? gap.sequence() : record.sequence();
                if (!delivered.isEmpty() && from != delivered.lastKey() + 1) {
                    throw new AssertionError("feed: %d expected: %s".formatted(delivered.lastKey() + 1, record));
                }
                delivered.put(record.sequence(), record);
                if (!(record.record() instanceof TimelineRecord.Gap)) {
                    feedReader.see(record);
                }
            }
        }
        for (SeenTimeline timeline : simulation.seen()) {
            if (powerLost.contains(timeline.id())) {
                continue; // numbers that went with the power are given again
            }
            for (TimelineRecord record : timeline.records().values()) {
                if (record instanceof TimelineRecord.State state
                        && !state.state().equals("exited")
                        && !state.state().equals("restarting")) {
                    long number = Long.parseLong(state.attributes().getOrDefault(Fold.FEED, "0"));
                    FeedRecord told = delivered.get(number);
                    if (told != null
                            && !told.record().equals(state)
                            && !(told.record() instanceof TimelineRecord.Gap)) {
                        throw new AssertionError(
                                "feed number %d of %s: %s and %s".formatted(number, timeline.id(), state, told));
                    }
                }
            }
        }
    }
}
