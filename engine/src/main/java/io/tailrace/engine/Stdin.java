package io.tailrace.engine;

import io.tailrace.runtime.spi.ProcessInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The standard input of one run: counts what the process's pipe took, so that a client that was cut off may send again.
 *
 * <p>Thread-safe. One writer at a time: its lock is held while it waits for the process to read, which the end of the
 * process ends.
 */
final class Stdin {
    private final ProcessInput input;
    private final ReentrantLock writing = new ReentrantLock();
    private volatile long offset;
    private volatile boolean isClosed;

    /** Whether the offset is known: not for a process that an earlier server started, until a client says where it is. */
    private volatile boolean isOffsetKnown;

    Stdin(ProcessInput input, boolean isFresh) {
        this.input = input;
        isOffsetKnown = isFresh;
    }

    long offset() {
        return offset;
    }

    long write(long from, ByteBuffer data) throws InterruptedException {
        writing.lockInterruptibly();
        try {
            if (!isOffsetKnown) {
                offset = from;
                isOffsetKnown = true;
            }
            if (from < 0 || from > offset) {
                throw new EngineException(
                        ErrorCode.INVALID_ARGUMENT, "stdin offset: %d (expected: 0 to %d)".formatted(from, offset));
            }
            ByteBuffer rest = data.duplicate();
            rest.position(rest.position() + (int) Math.min(rest.remaining(), offset - from));
            while (rest.hasRemaining()) {
                if (isClosed) {
                    throw closed(null);
                }
                long taken = offset + input.write(rest);
                offset = taken;
            }
            return offset;
        } catch (IOException e) {
            throw closed(e);
        } finally {
            writing.unlock();
        }
    }

    private static EngineException closed(@Nullable IOException cause) {
        return new EngineException(ErrorCode.FAILED_PRECONDITION, "stdin is closed", cause);
    }

    /** Ends it. Not broken off by an interrupt: half an end would leave the process waiting for the rest for ever. */
    void close() {
        isClosed = true;
        try {
            CompletableFuture.runAsync(this::closeInput, Stdin::onThreadOfItsOwn)
                    .join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private static void onThreadOfItsOwn(Runnable closing) {
        Thread.ofVirtual().name("close-stdin").start(closing);
    }

    private void closeInput() {
        try {
            input.closeStdin();
        } catch (IOException e) {
            // The process is gone, and its stdin with it.
            isClosed = true;
        }
    }
}
