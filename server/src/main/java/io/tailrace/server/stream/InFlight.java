package io.tailrace.server.stream;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * What is on its way to clients and not yet with them, of all streams together: a bounded part of the heap, of which every
 * client that is behind has an equal share. One that has all there is, and waits for more, has none. Thread-safe.
 */
final class InFlight {
    /** What more would not make faster. */
    static final int SHARE_BYTES_MAX = 512 << 10;

    /** Beside it, each stream holds a record or two, however small its share. */
    private static final int PART_OF_HEAP = 16;

    /** The heap is the process's, and so is this. */
    static final InFlight OF_PROCESS = new InFlight(Runtime.getRuntime().maxMemory() / PART_OF_HEAP);

    private final long bytesMax;
    private final AtomicInteger behind = new AtomicInteger();

    InFlight(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    void enter() {
        behind.incrementAndGet();
    }

    void leave() {
        behind.decrementAndGet();
    }

    /** What one client may have in flight now. */
    int shareBytes() {
        return (int) Math.min(SHARE_BYTES_MAX, bytesMax / Math.max(1, behind.get()));
    }
}
