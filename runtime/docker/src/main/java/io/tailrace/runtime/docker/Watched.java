package io.tailrace.runtime.docker;

import java.time.Instant;

/** A process whose end the {@link EventWatch} looks out for. */
interface Watched {
    /** The engine's id of its container. */
    String containerId();

    /** The engine's id of the exec; empty for an init process. */
    String execId();

    /** Something happened to its container, or may have: it asks the engine whether it has ended. */
    void check();

    /** The engine says that it has ended. */
    void ended(int exitCode, Instant at);

    /** The kernel killed a process of its container for memory. */
    void outOfMemory();
}
