package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerRuntime;
import java.time.Clock;

/** What all parts of one engine share. Thread-safe. */
record EngineContext(
        EngineConfig config,
        ContainerRuntime runtime,
        Time time,
        DataDirectory data,
        Feed feed,
        Problems problems,
        Background background) {
    Clock clock() {
        return time.clock();
    }
}
