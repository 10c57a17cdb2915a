package io.tailrace.bench;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Looks at the resident memory of processes until it is closed, by a thread of its own. */
final class MemoryWatch implements AutoCloseable {
    private static final long PERIOD_MILLIS = 200;

    private final Map<ServerProcess, long[]> seen = new HashMap<>();
    private final long settledNanos;
    private final Thread thread;

    private MemoryWatch(long settleMillis, ServerProcess... processes) {
        for (ServerProcess process : processes) {
            // The first and the most behind the settling, and the most of all.
            seen.put(process, new long[3]);
        }
        settledNanos = System.nanoTime() + settleMillis * 1_000_000;
        thread = Thread.ofPlatform().name("bench-memory").unstarted(this::watch);
    }

    /** Begins to look. @param settleMillis how long what is seen does not count for {@link #growthBytes} */
    static MemoryWatch start(long settleMillis, ServerProcess... processes) {
        MemoryWatch watch = new MemoryWatch(settleMillis, processes);
        watch.thread.start();
        return watch;
    }

    private void watch() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                look();
                Thread.sleep(PERIOD_MILLIS);
            }
        } catch (IOException | BenchException ended) {
            // A process that is gone has no more memory.
            return;
        } catch (InterruptedException closed) {
            return;
        }
    }

    private void look() throws IOException {
        for (Map.Entry<ServerProcess, long[]> entry : seen.entrySet()) {
            long resident = entry.getKey().residentBytes();
            long[] of = entry.getValue();
            if (System.nanoTime() - settledNanos > 0) {
                of[0] = of[0] == 0 ? resident : of[0];
                of[1] = Math.max(of[1], resident);
            }
            of[2] = Math.max(of[2], resident);
        }
    }

    /** By how much a process has grown at most since it had settled. Once this is closed. */
    long growthBytes(ServerProcess process) {
        long[] of = figures(process);
        if (of[0] == 0) {
            throw new BenchException("process %d: ended before it had settled".formatted(process.pid()));
        }
        return of[1] - of[0];
    }

    /** The most that a process had. Once this is closed. */
    long mostBytes(ServerProcess process) {
        return figures(process)[2];
    }

    private long[] figures(ServerProcess process) {
        if (thread.isAlive()) {
            throw new IllegalStateException("still looking");
        }
        return seen.getOrDefault(process, new long[3]);
    }

    /** Ends the thread. */
    @Override
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }
}
