package io.tailrace.engine;

import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * As many histories as there is time for: {@code -Dtailrace.histories=N} makes it N, {@code -Dtailrace.seed=S} begins with
 * history S. A failure tells its seed and its steps.
 */
@DeliveryTest
class SimulationTest {
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final int STEPS = 60;
    private static final int PARALLEL =
            Integer.getInteger("tailrace.parallel", 2 * Runtime.getRuntime().availableProcessors());
    private static final Duration SHORT = Duration.ofSeconds(10);
    private static final Duration LONG = Duration.ofSeconds(Integer.getInteger("tailrace.simulation.seconds", 300));

    private static final AtomicLong RESTARTS = new AtomicLong();

    @TempDir
    Path temporary;

    @Test
    @Promise({1, 2, 3, 4, 5, 6, 8})
    @Timeout(value = 3, unit = TimeUnit.HOURS)
    void aTimelineTellsSomethingElseThanWhatHappened(Ledger ledger) throws Exception {
        Path directory =
                Files.isWritable(MEMORY) ? Files.createTempDirectory(MEMORY, "tailrace-simulation") : temporary;
        long fromNanos = System.nanoTime();
        long deadline = fromNanos + (ledger.isLong() ? LONG : SHORT).toNanos();
        long max = Long.getLong("tailrace.histories", Long.MAX_VALUE);
        AtomicLong histories = new AtomicLong();
        AtomicBoolean isOver = new AtomicBoolean();
        List<Future<?>> workers = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(PARALLEL)) {
            for (int i = 0; i < PARALLEL; i++) {
                workers.add(executor.submit(() -> {
                    try {
                        while (!isOver.get() && System.nanoTime() < deadline) {
                            long number = histories.getAndIncrement();
                            if (number >= max) {
                                return null;
                            }
                            run(directory, ledger.seed() + number, ledger);
                        }
                        return null;
                    } finally {
                        isOver.set(histories.get() < max && System.nanoTime() < deadline);
                    }
                }));
            }
        }
        try {
            for (Future<?> worker : workers) {
                worker.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().getMessage(), e.getCause());
        } finally {
            Files.deleteIfExists(directory);
        }
        long perMinute =
                Math.min(max, histories.get()) * Duration.ofMinutes(1).toNanos() / (System.nanoTime() - fromNanos);
        String figures = "%d histories a minute, %d restarts".formatted(perMinute, RESTARTS.get());
        ledger.note(figures);
        System.out.println(figures);
    }

    private static void run(Path directory, long seed, Ledger ledger) throws IOException, InterruptedException {
        try (Simulation simulation = new Simulation(directory, seed, !ledger.isLong())) {
            simulation.run(STEPS);
            ledger.attempt();
            ledger.bytes(simulation.bytes());
            RESTARTS.addAndGet(simulation.restartsSeen());
        }
    }
}
