package io.tailrace.engine;

import java.util.concurrent.Semaphore;
import java.util.function.UnaryOperator;

/**
 * Samples what all running containers use, again and again, by one background task. It asks the runtime about
 * {@value #CALLS_MAX} of them at once, and about none that has not answered yet, so that a runtime that is slow delays
 * the samples and nothing else. Thread-safe.
 */
final class Sampler {
    /** As many as keep a Docker Engine, which takes some ms for each, from being asked one after the other. */
    private static final int CALLS_MAX = 4;

    private final EngineContext context;
    private final Registry registry;
    private final Semaphore calls = new Semaphore(CALLS_MAX);
    private volatile Thresholds thresholds;

    Sampler(EngineContext context, Registry registry) {
        this.context = context;
        this.registry = registry;
        thresholds = context.config().sampling().thresholds();
    }

    Thresholds thresholds() {
        return thresholds;
    }

    /** From the next sample on. */
    synchronized Thresholds setThresholds(UnaryOperator<Thresholds> change) {
        Thresholds changed = change.apply(thresholds);
        thresholds = changed;
        return changed;
    }

    /** Begins, unless the config says no. */
    void begin() {
        Sampling sampling = context.config().sampling();
        if (sampling.isOn()) {
            context.background().repeat("sampling", sampling.interval(), this::sample);
        }
    }

    private void sample() {
        for (EngineContainer container : registry.list()) {
            if (!container.watch().isDue()) {
                continue;
            }
            try {
                calls.acquire();
            } catch (InterruptedException e) {
                return; // the engine closes
            }
            context.background().run("a sample of " + container.id(), () -> {
                try {
                    container
                            .runtimeContainer()
                            .ifPresent(present -> container.watch().sample(present, thresholds));
                } finally {
                    calls.release();
                }
            });
        }
    }
}
