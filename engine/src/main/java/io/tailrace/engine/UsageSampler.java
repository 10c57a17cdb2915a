package io.tailrace.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.runtime.spi.ResourceUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tells the share of processor time from two samples: the previous call's, or one taken shortly before. Thread-safe. */
final class UsageSampler {
    private static final Duration INTERVAL = Duration.ofMillis(100);

    @GuardedBy("this") private @Nullable ResourceUsage last;

    /** Takes a sample. @param startedAt of the current run: counters of an earlier one are of no use */
    Container.Usage sample(Supplier<ResourceUsage> source, Instant startedAt) {
        ResourceUsage before = previous(startedAt);
        if (before == null) {
            before = RuntimeCalls.call(source);
            try {
                Thread.sleep(INTERVAL);
            } catch (InterruptedException e) {
                throw EngineProcess.interrupted(e);
            }
        }
        ResourceUsage now = RuntimeCalls.call(source);
        remember(now);
        return new Container.Usage(now, cpuPercent(before, now));
    }

    private synchronized @Nullable ResourceUsage previous(Instant startedAt) {
        return last != null && last.at().isAfter(startedAt) ? last : null;
    }

    private synchronized void remember(ResourceUsage sample) {
        last = sample;
    }

    private static double cpuPercent(ResourceUsage before, ResourceUsage now) {
        long nanos = Duration.between(before.at(), now.at()).toNanos();
        long used = now.cpuNanos() - before.cpuNanos();
        return nanos <= 0 || used < 0 ? 0 : 100.0 * used / nanos;
    }
}
