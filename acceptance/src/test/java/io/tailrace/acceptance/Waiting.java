package io.tailrace.acceptance;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;

/** Bounded waiting for a condition. */
final class Waiting {
    private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

    private Waiting() {}

    /** Waits until a condition holds; fails when the time is up. @param what completes "waiting for …" */
    static void until(String what, Duration limit, Callable<Boolean> condition) {
        Awaitility.await(what)
                .pollInSameThread()
                .atMost(limit)
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL_INTERVAL)
                .until(condition);
    }
}
