package io.tailrace.bench;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Ends a measurement that does not end: by interrupting its thread, which every wait in it heeds. */
final class TimeLimit {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Duration END_TIMEOUT = Duration.ofSeconds(30);

    private TimeLimit() {}

    /** Measures on a thread of its own. */
    static Reading run(String name, Contestant.Measurement measurement) throws Exception {
        FutureTask<Reading> task = new FutureTask<>(measurement::measure);
        Thread thread = Thread.ofPlatform().name("measuring").start(task);
        try {
            return task.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new BenchException("%s: not done after %s".formatted(name, LIMIT), e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        } finally {
            thread.interrupt();
            thread.join(END_TIMEOUT);
        }
    }
}
