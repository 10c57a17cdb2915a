package io.tailrace.engine;

import io.tailrace.runtime.spi.RuntimeContainer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A way to find out whether a container is healthy. Thread-safe; one at a time for each container. */
@FunctionalInterface
interface Probe {
    /**
     * Finds it out, within its time-out; leaves nothing behind.
     *
     * @param isOver completed when nobody wants to know any more
     * @return what it found; empty if it could not look, which says nothing about the container
     * @throws InterruptedException if the engine closes
     */
    Optional<ProbeResult> run(RuntimeContainer container, CompletableFuture<?> isOver) throws InterruptedException;
}
