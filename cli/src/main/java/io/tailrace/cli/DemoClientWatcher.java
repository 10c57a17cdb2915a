package io.tailrace.cli;

import io.tailrace.client.FollowOptions;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TimelineRecord;
import java.time.Duration;
import java.util.function.Supplier;

/** Watches with the Java client; may come late, and may leave in the middle and go on from its cursor as somebody else. */
final class DemoClientWatcher extends DemoWatcher {
    private final Supplier<Tailrace> client;
    private final String containerId;
    private final Duration delay;
    private final boolean isCut;

    /** @param delay how late it comes, @param isCut whether it is cut off in the middle and comes back */
    DemoClientWatcher(String name, Supplier<Tailrace> client, String containerId, Duration delay, boolean isCut) {
        super(name, "gRPC");
        this.client = client;
        this.containerId = containerId;
        this.delay = delay;
        this.isCut = isCut;
    }

    @Override
    void watch() throws InterruptedException {
        Thread.sleep(delay);
        note(delay.isZero() ? "from the start" : "%d s late".formatted(delay.toSeconds()));
        var cursor = "";
        if (isCut) {
            cursor = read(new FollowOptions(), 8);
            note("cut off, resumed");
        }
        read(cursor.isEmpty() ? new FollowOptions() : new FollowOptions().after(cursor), Long.MAX_VALUE);
    }

    private String read(FollowOptions options, long recordsMax) {
        try (var tailrace = client.get();
                var follow = tailrace.containers().get(containerId).follow(options)) {
            long count = 0;
            for (var record : follow) {
                switch (record) {
                    case TimelineRecord.Output output -> output(output.stream(), output.bytes(), output.length());
                    case TimelineRecord.Exit exit -> exited(exit.status().exitCode());
                    default -> {}
                }
                if (++count >= recordsMax) {
                    break;
                }
            }
            return follow.cursor();
        }
    }
}
