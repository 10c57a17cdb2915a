package io.tailrace.delivery.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Attacks a target with one input after another, on a thread of its own, and fails where one of them is not answered: by
 * what it throws, by how much it allocates, and by how long it takes. For one thread. A thread that hangs cannot be ended
 * in Java; it is left behind as a daemon.
 */
final class Attack implements AutoCloseable {
    /** A hang, on however busy a machine: inputs take milliseconds. */
    private static final long HANG_SECONDS = 60;

    /** No input is larger than some KiB, and the largest thing we may read into memory at once is 4 MiB. */
    private static final long ALLOCATED_BYTES_MAX = 256L << 20;

    private static final int SHOWN_BYTES_MAX = 16 << 10;

    private final FuzzTarget target;
    /** At most one. */
    private final LinkedBlockingQueue<FutureTask<Long>> waiting = new LinkedBlockingQueue<>();

    private final Thread thread;
    private long slowestNanos;
    private String slowest = "";

    Attack(FuzzTarget target) {
        this.target = target;
        thread = Thread.ofPlatform().daemon().name("attack-" + target).start(this::run);
    }

    /** Attacks once. @param name of the input, for the failure */
    void with(String name, byte[] input) {
        var task = new FutureTask<Long>(() -> attacked(input));
        waiting.add(task);
        long begin = System.nanoTime();
        try {
            long allocatedBytes = task.get(HANG_SECONDS, TimeUnit.SECONDS);
            long nanos = System.nanoTime() - begin;
            if (nanos > slowestNanos) {
                slowestNanos = nanos;
                slowest = name;
            }
            if (allocatedBytes > ALLOCATED_BYTES_MAX) {
                throw new AssertionError("%s took %,d bytes of memory (expected: at most %,d)"
                        .formatted(described(name, input), allocatedBytes, ALLOCATED_BYTES_MAX));
            }
        } catch (ExecutionException e) {
            throw new AssertionError(described(name, input), e.getCause());
        } catch (TimeoutException e) {
            var hang = new AssertionError("%s took more than %d s".formatted(described(name, input), HANG_SECONDS));
            hang.setStackTrace(thread.getStackTrace());
            throw hang;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** The slowest input so far. */
    String slowest() {
        return "slowest: %s, %d ms".formatted(slowest, slowestNanos / 1_000_000);
    }

    private void run() {
        try {
            while (true) {
                waiting.take().run();
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    /** @return the bytes that it allocated */
    private long attacked(byte[] input) throws Exception {
        var memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = memory.getCurrentThreadAllocatedBytes();
        target.attack(input);
        return memory.getCurrentThreadAllocatedBytes() - before;
    }

    private String described(String name, byte[] input) {
        String bytes = input.length > SHOWN_BYTES_MAX
                ? "too long to show"
                : input.length > 256
                        ? Base64.getEncoder().encodeToString(input)
                        : HexFormat.of().formatHex(input);
        return "%s, attacked with %s (%d bytes: %s)".formatted(target, name, input.length, bytes);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
