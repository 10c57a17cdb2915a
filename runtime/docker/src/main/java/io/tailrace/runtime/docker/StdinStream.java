package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.ProcessInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes a process's stdin into an attached connection. While that takes nothing the writer sleeps for a moment, which an
 * interrupt ends without harm to the connection. Thread-safe; one writer at a time, others wait.
 */
final class StdinStream implements ProcessInput {
    private static final int WRITE_BYTES_MAX = 64 << 10;
    private static final long PAUSE_MILLIS_MIN = 1;
    private static final long PAUSE_MILLIS_MAX = 16;

    private final BooleanSupplier isExited;
    private final boolean hasTerminal;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable HttpConnection connection;
    private volatile boolean isClosed;

    /**
     * A stdin that cannot be written yet.
     *
     * @param isExited whether the process is known to be gone
     * @param hasTerminal whether its end cannot be told, because a terminal has none
     */
    StdinStream(BooleanSupplier isExited, boolean hasTerminal) {
        this.isExited = isExited;
        this.hasTerminal = hasTerminal;
    }

    /** From now on it is written here. */
    void connect(HttpConnection attached) throws IOException {
        attached.makeWritable();
        connection = attached;
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
                HttpConnection open = connection;
                int written = open == null ? 0 : tryWrite(open, source);
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

    private static int tryWrite(HttpConnection open, ByteBuffer source) throws IOException {
        int limit = source.limit();
        source.limit(source.position() + Math.min(source.remaining(), WRITE_BYTES_MAX));
        try {
            return open.tryWrite(source);
        } finally {
            source.limit(limit);
        }
    }

    @Override
    public void closeStdin() throws IOException {
        if (isClosed) {
            return;
        }
        isClosed = true;
        // A writer that waits ends within a moment.
        lock.lock();
        try {
            HttpConnection open = connection;
            if (open != null && !hasTerminal && !isExited.getAsBoolean()) {
                open.endWriting();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends waiting writers; the connection is its owner's. */
    void release() {
        isClosed = true;
    }
}
