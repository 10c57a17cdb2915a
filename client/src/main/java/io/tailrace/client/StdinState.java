package io.tailrace.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the writers of a {@link Stdin} and its {@link StdinSender} share. Every change is signalled. Nobody holds the lock
 * while calling out, except to send, which does not block.
 */
final class StdinState {
    /** How the input is to end. */
    enum Ending {
        NONE,
        CLOSE,
        DETACH
    }

    final ReentrantLock lock = new ReentrantLock();
    final Condition changed = lock.newCondition();

    @GuardedBy("lock") final UnacknowledgedBytes bytes = new UnacknowledgedBytes();

    /** Where in the process's stdin our first byte stands; -1 until the server has said so. */
    @GuardedBy("lock") long base = -1;

    @GuardedBy("lock") Ending ending = Ending.NONE;

    /** Whether there is a sender. */
    @GuardedBy("lock") boolean isStarted;

    /** Whether the input has ended as it was to end. */
    @GuardedBy("lock") boolean isDone;

    @GuardedBy("lock") @Nullable TailraceException failure;

    @GuardedBy("lock") boolean isAllAcknowledged() {
        return bytes.acknowledged() == bytes.written();
    }

    void finished() {
        lock.lock();
        try {
            isDone = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void failed(TailraceException e) {
        lock.lock();
        try {
            failure = e;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
