package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerRuntime;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What all parts of one engine share. Thread-safe.
 *
 * @param isClosing set before {@code Engine.close} looks for what is to be closed: whoever makes something that must be
 *     closed looks here afterwards, and closes it itself
 */
record EngineContext(
        EngineConfig config,
        ContainerRuntime runtime,
        Time time,
        DataDirectory data,
        EngineVolumes volumes,
        Feed feed,
        Problems problems,
        Background background,
        AtomicBoolean isClosing) {
    Clock clock() {
        return time.clock();
    }
}
