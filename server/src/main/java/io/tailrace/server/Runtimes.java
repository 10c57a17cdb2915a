package io.tailrace.server;

import io.tailrace.runtime.spi.ContainerRuntime;

/** The one place that knows the runtimes. */
final class Runtimes {
    private Runtimes() {}

    /** Connects to the runtime that a configuration names. */
    static ContainerRuntime open(ServerConfig config) {
        throw new ConfigException("runtime.name: %s (expected: a runtime of this build)"
                .formatted(config.runtime().name()));
    }
}
