package io.tailrace.server.stream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.engine.EngineException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One stream to one client, whatever its protocol. Its body runs on a virtual thread of its own ({@link Streams}), sends
 * only while the transport takes more, and learns here that the stream has ended: the client left, or the server shuts
 * down. Threads are never interrupted for that, since an interrupt would close the files they read: what they wait for is
 * closed instead ({@link #closeAtEnd}).
 *
 * <p>Thread-safe, but for sending, which is the body's.
 */
public abstract class ServedStream {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final InFlight inFlight = InFlight.OF_PROCESS;

    /** The body's alone. */
    private boolean isBehind;

    @GuardedBy("lock") private @Nullable StreamEndedException end;

    @GuardedBy("lock") private final List<Runnable> atEnd = new ArrayList<>();

    /** Whether the transport takes more now. Must not block. */
    protected abstract boolean isReady();

    /** Tells the client that the stream has failed, so that it cannot look complete. */
    protected abstract void fail(Throwable cause);

    /**
     * Says whether there is more than the client has been sent; it then has a share of what may be in flight. To be called
     * by the body, whose end is the end of that.
     */
    public final void setBehind(boolean isBehindNow) {
        if (isBehind == isBehindNow) {
            return;
        }
        isBehind = isBehindNow;
        if (isBehind) {
            inFlight.enter();
        } else {
            inFlight.leave();
        }
    }

    /** How many bytes may be on their way to the client now, beside one record. */
    protected final int shareBytes() {
        return inFlight.shareBytes();
    }

    /** Wakes the body if it waits for {@link #isReady}. */
    protected final void readinessChanged() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the stream because its client is gone. */
    public final void clientLeft() {
        end(new StreamEndedException(null));
    }

    /** Ends the stream with a failure that the client is told. */
    public final void end(EngineException failure) {
        end(new StreamEndedException(failure));
    }

    private void end(StreamEndedException why) {
        List<Runnable> actions;
        lock.lock();
        try {
            if (end != null) {
                return;
            }
            end = why;
            actions = List.copyOf(atEnd);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        actions.forEach(Runnable::run);
    }

    /** Waits until the transport takes more. */
    public final void awaitReady() throws InterruptedException {
        lock.lock();
        try {
            // A change of readiness is signalled under the lock, so none is missed between the look and the wait.
            while (end == null && !isReady()) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
        check();
    }

    /** Waits for the stream to be ended from outside. @return false if the time is up before */
    public final boolean awaitEnd(Duration timeout) throws InterruptedException {
        lock.lock();
        try {
            long leftNanos = timeout.toNanos();
            while (end == null && leftNanos > 0) {
                leftNanos = changed.awaitNanos(leftNanos);
            }
            return end != null;
        } finally {
            lock.unlock();
        }
    }

    /** Throws what ended the stream, if something has. */
    public final void check() {
        StreamEndedException why = why();
        if (why != null) {
            throw why;
        }
    }

    /** What ended the stream from outside; null while nothing has. */
    final @Nullable StreamEndedException why() {
        lock.lock();
        try {
            return end;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the server, not the client, has ended it. */
    public final boolean isEndedByServer() {
        StreamEndedException why = why();
        return why != null && why.failure() != null;
    }

    /** Runs an action when the stream is ended from outside; at once if it was. The action must not block. */
    public final void atEnd(Runnable action) {
        lock.lock();
        try {
            if (end == null) {
                atEnd.add(action);
                return;
            }
        } finally {
            lock.unlock();
        }
        action.run();
    }

    /** Closes a source when the stream is ended from outside, so that a body that waits for it is woken. */
    public final <S extends Source<?>> S closeAtEnd(S source) {
        atEnd(source::close);
        return source;
    }
}
