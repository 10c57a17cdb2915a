package io.tailrace.bench.log;

import java.util.ArrayList;
import java.util.List;

/** Pairs of measurements of the same work done in two ways, one right after the other. */
final class Ratio {
    private static final int WARM_UP_PAIRS = 3;

    private final String name;
    private final long bytes;
    private final List<Long> timelineNanos = new ArrayList<>();
    private final List<Long> plainNanos = new ArrayList<>();

    Ratio(String name, long bytes) {
        this.name = name;
        this.bytes = bytes;
    }

    void add(long timeline, long plain) {
        timelineNanos.add(timeline);
        plainNanos.add(plain);
    }

    /** Throughput of both and how the timeline's compares, from the medians of all pairs but the first ones. */
    @Override
    public String toString() {
        var timeline = median(timelineNanos);
        var plain = median(plainNanos);
        return "%s: timeline %.0f MB/s, plain file %.0f MB/s, ratio %.2f (medians of %d pairs)"
                .formatted(
                        name,
                        bytes * 1e3 / timeline,
                        bytes * 1e3 / plain,
                        plain / timeline,
                        timelineNanos.size() - WARM_UP_PAIRS);
    }

    private static double median(List<Long> nanos) {
        var sorted = nanos.stream().skip(WARM_UP_PAIRS).sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
    }
}
