package io.tailrace.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.client.StdinState.Ending;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Objects;

/**
 * A process's stdin. Every byte is handed over once: what the server has not acknowledged is kept, at most 1 MiB, and sent
 * again after a lost connection. Writing blocks while that much waits.
 *
 * <p>{@link #close} ends the process's input; {@link #detach} leaves it open. Thread-safe, but bytes of concurrent writes
 * mix. Failures are an {@link IOException} whose cause is a {@link TailraceException}; FAILED_PRECONDITION says that the
 * process has no stdin or is gone.
 *
 * <p>Design: writers put bytes into a ring and wait for room; one virtual thread owns the call, sends what the ring holds,
 * and opens another call when one breaks, beginning where the server says; the call's listener only takes acknowledgements
 * into account. They meet in one {@link StdinState}.
 */
public final class Stdin extends OutputStream {
    private final StdinState state = new StdinState();
    private final StdinSender sender;

    Stdin(Connection connection, String containerId, String execId) {
        sender = new StdinSender(connection, containerId, execId, state);
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, source.length);
        state.lock.lock();
        try {
            if (state.ending != Ending.NONE) {
                throw new IOException("stdin: closed");
            }
            start();
            int at = from;
            while (at < from + length) {
                check();
                int taken = state.bytes.append(source, at, from + length - at);
                at += taken;
                if (taken > 0) {
                    state.changed.signalAll();
                } else {
                    state.changed.await();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("stdin: interrupted");
        } finally {
            state.lock.unlock();
        }
    }

    /** Waits until everything written was handed to the process. */
    @Override
    public void flush() throws IOException {
        state.lock.lock();
        try {
            while (!state.isAllAcknowledged()) {
                check();
                state.changed.await();
            }
            check();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("stdin: interrupted");
        } finally {
            state.lock.unlock();
        }
    }

    /** Waits until everything written was handed to the process, then ends its input. */
    @Override
    public void close() throws IOException {
        end(Ending.CLOSE);
    }

    /** Waits until everything written was handed to the process, and leaves its input open. */
    public void detach() throws IOException {
        end(Ending.DETACH);
    }

    private void end(Ending how) throws IOException {
        state.lock.lock();
        try {
            if (state.ending == Ending.NONE) {
                if (how == Ending.DETACH && !state.isStarted) {
                    state.isDone = true;
                } else {
                    start();
                }
                state.ending = how;
                state.changed.signalAll();
            }
            while (!state.isDone && state.failure == null) {
                state.changed.await();
            }
            // A process that is gone needs no end of input; only bytes that it did not get are a failure.
            if (state.failure != null && !state.isAllAcknowledged()) {
                check();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("stdin: interrupted");
        } finally {
            state.lock.unlock();
        }
    }

    @GuardedBy("state.lock") private void check() throws IOException {
        var failure = state.failure;
        if (failure != null) {
            throw new IOException("stdin: " + failure.getMessage(), failure);
        }
    }

    @GuardedBy("state.lock") private void start() {
        if (!state.isStarted) {
            state.isStarted = true;
            Thread.ofVirtual().name("tailrace-stdin").start(sender);
        }
    }
}
