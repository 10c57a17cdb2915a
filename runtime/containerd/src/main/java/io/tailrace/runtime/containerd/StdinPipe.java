package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ProcessInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Writes a process's stdin. The write end is opened with the first write and never blocks a thread in the kernel:
 * while the pipe is full the writer sleeps for a moment, which a virtual thread does for free and an interrupt ends.
 *
 * <p>Thread-safe; one writer at a time, others wait. The shim has a write end open itself, so the process sees end of
 * file only when it was told to close that one, too.
 */
final class StdinPipe implements ProcessInput {
    private static final int WRITE_BYTES_MAX = 64 << 10;
    private static final long PAUSE_MILLIS_MIN = 1;
    private static final long PAUSE_MILLIS_MAX = 16;
    private static final int NOT_OPEN = -1;

    private final Stdio stdio;
    private final BooleanSupplier isExited;
    private final Runnable closeInRuntime;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by lock. */
    private int descriptor = NOT_OPEN;
    /** Set once, read without the lock so that closing ends a blocked write. */
    private volatile boolean isClosed;

    /**
     * A pipe that is not open yet.
     *
     * @param isExited whether the process is known to be gone
     * @param closeInRuntime makes the shim close its own write end
     */
    StdinPipe(Stdio stdio, BooleanSupplier isExited, Runnable closeInRuntime) {
        this.stdio = stdio;
        this.isExited = isExited;
        this.closeInRuntime = closeInRuntime;
    }

    @Override
    public int write(ByteBuffer source) throws IOException, InterruptedException {
        if (!source.hasRemaining()) {
            return 0;
        }
        lock.lockInterruptibly();
        try {
            long pauseMillis = PAUSE_MILLIS_MIN;
            while (true) {
                if (isClosed) {
                    throw new IOException("stdin is closed");
                }
                if (isExited.getAsBoolean()) {
                    throw new IOException("the process has exited");
                }
                int written = open() ? Linux.write(descriptor, source, WRITE_BYTES_MAX) : -1;
                if (written > 0) {
                    return written;
                }
                Thread.sleep(pauseMillis);
                pauseMillis = Math.min(2 * pauseMillis, PAUSE_MILLIS_MAX);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Guarded by lock. */
    private boolean open() throws IOException {
        if (descriptor == NOT_OPEN) {
            Optional<Integer> opened = stdio.openStdin();
            descriptor = opened.orElse(NOT_OPEN);
        }
        return descriptor != NOT_OPEN;
    }

    @Override
    public void closeStdin() {
        if (isClosed) {
            return;
        }
        releasePipe();
        closeInRuntime.run();
    }

    /** Closes the write end here and leaves the process's stdin open: for a server that goes. */
    void releasePipe() {
        isClosed = true;
        lock.lock();
        try {
            if (descriptor != NOT_OPEN) {
                Linux.close(descriptor);
                descriptor = NOT_OPEN;
            }
        } finally {
            lock.unlock();
        }
    }
}
