package io.tailrace.engine;

import java.util.concurrent.atomic.AtomicInteger;

/** The restarts of a container that go on: while there are any, an Exit is not its end. Thread-safe. */
final class Restarts {
    private final AtomicInteger going = new AtomicInteger();

    /** One begins; there may be several at once. */
    void begin() {
        going.incrementAndGet();
    }

    void end() {
        going.decrementAndGet();
    }

    /** Whether the coming Exit, or the last one, is not the end. */
    boolean isGoingOn() {
        return going.get() > 0;
    }
}
