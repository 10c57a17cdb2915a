package io.tailrace.engine;

import io.tailrace.runtime.spi.RuntimeContainer;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one container uses, and the alerts about it. An alert is a State record when it is raised and another when it is
 * cleared, none in between; those that are raised are in the fold, so that a server that is started anew tells none again.
 * The end of a run ends its alerts. Thread-safe.
 */
final class UsageWatch {
    /** The event of an alert, and the attribute that says whether it is {@link #RAISED} or {@link #CLEARED}. */
    static final String ALERT = "alert";

    /** The attribute with all that are raised now, separated by commas. */
    static final String ALERTS = "alerts";

    private static final Logger log = LoggerFactory.getLogger(UsageWatch.class);
    private static final String RAISED = "raised";
    private static final String CLEARED = "cleared";

    private final Journal journal;
    private final UsageSamples samples;
    private final AtomicBoolean isSampling = new AtomicBoolean();

    UsageWatch(Journal journal, int samplesMax) {
        this.journal = journal;
        samples = new UsageSamples(samplesMax);
    }

    /** What it uses now. */
    Container.Usage usage(RuntimeContainer present) {
        return samples.take(present::usage, journal.fold().exits());
    }

    List<Container.Usage> history(int limit) {
        return samples.history(limit);
    }

    /** Its history is not needed any more. */
    void forget() {
        samples.forget();
    }

    /** Whether a sample is due: it has a process, and the runtime has answered the last question. */
    boolean isDue() {
        return journal.fold().state().isUp() && !isSampling.get();
    }

    /** Takes a sample for the history, and records which alerts it raises and clears. */
    void sample(RuntimeContainer present, Thresholds thresholds) {
        Fold fold = journal.fold();
        if (!fold.state().isUp() || isSampling.getAndSet(true)) {
            return;
        }
        try {
            long run = fold.exits();
            Map<Resource, Double> used = samples.keep(present::usage, run);
            for (Map.Entry<Resource, Double> use : used.entrySet()) {
                tell(use.getKey(), use.getValue(), thresholds.of(use.getKey()), run);
            }
        } catch (EngineException e) {
            // It has just ended, or the runtime is away, or the disk is full: the next one is soon.
            log.debug("{}: no sample", journal.timelineId(), e);
        } finally {
            isSampling.set(false);
        }
    }

    private void tell(Resource resource, double use, double threshold, long run) {
        Set<Resource> raised = raised(journal.fold());
        boolean isAbove = use > threshold;
        if (isAbove == raised.contains(resource)) {
            return;
        }
        if (isAbove) {
            raised.add(resource);
        } else {
            raised.remove(resource);
        }
        boolean isTold = journal.amend(
                fold -> fold.state().isUp() && fold.exits() == run,
                ALERT,
                Map.of(
                        ALERT,
                        isAbove ? RAISED : CLEARED,
                        "resource",
                        resource.word(),
                        "value",
                        number(use),
                        "threshold",
                        number(threshold),
                        ALERTS,
                        words(raised)));
        log.debug("{}: {} {} {}", journal.timelineId(), resource, use, isTold ? "is told" : "is over");
    }

    /** The resources of which there is an alert. */
    static Set<Resource> raised(Fold fold) {
        String words = fold.made().getOrDefault(ALERTS, "");
        return words.isEmpty()
                ? EnumSet.noneOf(Resource.class)
                : Arrays.stream(words.split(","))
                        .map(Resource::of)
                        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Resource.class)));
    }

    private static String words(Collection<Resource> resources) {
        return resources.stream().map(Resource::word).collect(Collectors.joining(","));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
