package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerRuntime;
import java.time.Clock;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What all parts of one engine share. Thread-safe.
 *
 * @param probes turns of health probes; each has a time-out
 * @param isClosing set before {@code Engine.close} looks for what is to be closed: whoever makes something that must be
 *     closed looks here afterwards, and closes it itself
 */
record EngineContext(
        EngineConfig config,
        ContainerRuntime runtime,
        Time time,
        DataDirectory data,
        EngineVolumes volumes,
        EngineNetworks networks,
        Feed feed,
        Problems problems,
        Background background,
        Semaphore probes,
        AtomicBoolean isClosing) {
    /** Health probes at once; each is a process in its container, and two threads here. */
    static final int PROBES_AT_ONCE_MAX = 128;

    Clock clock() {
        return time.clock();
    }
}
