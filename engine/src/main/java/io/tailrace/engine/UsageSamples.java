package io.tailrace.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.runtime.spi.ResourceUsage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Samples of what a container uses. Two figures make a share or a rate: a sample on demand is compared with the newest one
 * there is or with one taken shortly before, a sample of the history with the one before it there. Thread-safe.
 */
final class UsageSamples {
    /** Counters that are read closer together say nothing: those of version 1 control groups grow with the scheduler's tick. */
    private static final Duration APART_MIN = Duration.ofMillis(100);

    private final int samplesMax;

    @GuardedBy("this") private final ArrayDeque<Container.Usage> history = new ArrayDeque<>();

    /** The run that the newest of the history belongs to; counters of another one are of no use. */
    @GuardedBy("this") private long historyRun = -1;

    @GuardedBy("this") private @Nullable ResourceUsage newest;

    @GuardedBy("this") private long newestRun = -1;

    @GuardedBy("this") private long newestNanos;

    UsageSamples(int samplesMax) {
        this.samplesMax = samplesMax;
    }

    /** Takes a sample on demand. @param run the current one's number */
    Container.Usage take(Supplier<ResourceUsage> source, long run) {
        ResourceUsage before = previous(run);
        if (before == null) {
            before = RuntimeCalls.call(source);
            try {
                Thread.sleep(APART_MIN);
            } catch (InterruptedException e) {
                throw EngineProcess.interrupted(e);
            }
        }
        ResourceUsage now = RuntimeCalls.call(source);
        remember(now, run);
        return new Container.Usage(now, cpuPercent(before, now));
    }

    private synchronized @Nullable ResourceUsage previous(long run) {
        return newestRun == run && System.nanoTime() - newestNanos >= APART_MIN.toNanos() ? newest : null;
    }

    private synchronized void remember(ResourceUsage sample, long run) {
        newest = sample;
        newestRun = run;
        newestNanos = System.nanoTime();
    }

    /**
     * Takes a sample for the history; by one thread at a time.
     *
     * @return how much was used of each resource since the sample before; empty for the first of a run, with which there
     *     is nothing to compare
     */
    Map<Resource, Double> keep(Supplier<ResourceUsage> source, long run) {
        ResourceUsage now = RuntimeCalls.call(source);
        remember(now, run);
        synchronized (this) {
            Container.Usage last = historyRun == run ? history.peekLast() : null;
            historyRun = run;
            if (history.size() == samplesMax) {
                history.removeFirst();
            }
            history.addLast(new Container.Usage(now, last == null ? 0 : cpuPercent(last.sample(), now)));
            return last == null ? Map.of() : used(last.sample(), now);
        }
    }

    /** Oldest first. @param limit of the newest; 0: all */
    synchronized List<Container.Usage> history(int limit) {
        return history.stream()
                .skip(limit == 0 ? 0 : Math.max(0, history.size() - limit))
                .toList();
    }

    synchronized void forget() {
        history.clear();
    }

    private static Map<Resource, Double> used(ResourceUsage before, ResourceUsage now) {
        Map<Resource, Double> used = new EnumMap<>(Resource.class);
        used.put(Resource.CPU, cpuPercent(before, now));
        if (now.memoryLimitBytes() > 0) {
            used.put(Resource.MEMORY, 100.0 * now.memoryBytes() / now.memoryLimitBytes());
        }
        double seconds = nanosBetween(before, now) / 1e9;
        used.put(Resource.DISK_READ, rate(before.blockReadBytes(), now.blockReadBytes(), seconds));
        used.put(Resource.DISK_WRITE, rate(before.blockWriteBytes(), now.blockWriteBytes(), seconds));
        used.put(Resource.NETWORK_RECEIVED, rate(before.networkReceivedBytes(), now.networkReceivedBytes(), seconds));
        used.put(Resource.NETWORK_SENT, rate(before.networkSentBytes(), now.networkSentBytes(), seconds));
        return used;
    }

    private static double cpuPercent(ResourceUsage before, ResourceUsage now) {
        return 100 * rate(before.cpuNanos(), now.cpuNanos(), nanosBetween(before, now));
    }

    private static double nanosBetween(ResourceUsage before, ResourceUsage now) {
        return Duration.between(before.at(), now.at()).toNanos();
    }

    /** 0 where the clock or the counter was set back. */
    private static double rate(long before, long now, double time) {
        return time <= 0 || now < before ? 0 : (now - before) / time;
    }
}
