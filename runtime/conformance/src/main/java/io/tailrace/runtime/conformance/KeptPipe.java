package io.tailrace.runtime.conformance;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.runtime.spi.OutputLostException;
import io.tailrace.runtime.spi.ProcessOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Keeps what is written, as an engine's log does: its writer does not wait, and each reader begins where it likes. Thread-safe. */
final class KeptPipe implements BytePipe {
    /** More than any test writes. */
    private static final int KEPT_BYTES_MAX = 16 << 20;

    private static final int NOWHERE = -1;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock") private byte[] kept = new byte[1 << 10];

    @GuardedBy("lock") private int length;

    /** How much was read by somebody. */
    @GuardedBy("lock") private int taken;

    /** Where bytes are missing. */
    @GuardedBy("lock") private int lostAt = NOWHERE;

    @GuardedBy("lock") private boolean isWriterClosed;

    @Override
    public void write(ByteBuffer source) throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            int count = source.remaining();
            if (isWriterClosed) {
                throw new IOException("the pipe is closed");
            }
            if (count > KEPT_BYTES_MAX - length) {
                throw new IOException("more than %d bytes to be kept".formatted(KEPT_BYTES_MAX));
            }
            if (length + count > kept.length) {
                kept = Arrays.copyOf(kept, Math.max(2 * kept.length, length + count));
            }
            source.get(kept, length, count);
            length += count;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Loses what nobody has read. */
    void lose() {
        lock.lock();
        try {
            length = taken;
            lostAt = taken;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void closeWriter() {
        lock.lock();
        try {
            isWriterClosed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public ProcessOutput connect() {
        return new ProcessOutput.Kept(new Connection());
    }

    @Override
    public void disconnect(ProcessOutput output) {
        if (output instanceof ProcessOutput.Kept(Connection connection)) {
            connection.close();
        }
    }

    @Override
    public void destroy() {
        closeWriter();
    }

    /** What one runtime has of it. */
    private final class Connection implements ProcessOutput.Source {
        private volatile boolean isOpen = true;

        @Override
        public ReadableByteChannel open(long position) throws IOException {
            lock.lock();
            try {
                if (position < 0 || position > length) {
                    throw new IOException("position: %d (expected: 0 to %d)".formatted(position, length));
                }
                return new Reader(this, (int) position);
            } finally {
                lock.unlock();
            }
        }

        void close() {
            lock.lock();
            try {
                isOpen = false;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private final class Reader implements ReadableByteChannel {
        private final Connection connection;

        @GuardedBy("lock") private int position;

        @GuardedBy("lock") private boolean isLossTold;

        @GuardedBy("lock") private boolean isOpen = true;

        Reader(Connection connection, int position) {
            this.connection = connection;
            this.position = position;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            try {
                lock.lockInterruptibly();
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
            try {
                while (true) {
                    if (!isOpen || !connection.isOpen) {
                        throw new ClosedChannelException();
                    }
                    if (position == lostAt && !isLossTold) {
                        isLossTold = true;
                        throw new OutputLostException("lost, as a test wants it");
                    }
                    if (position < length) {
                        return give(target);
                    }
                    if (isWriterClosed) {
                        return -1;
                    }
                    changed.await();
                }
            } catch (InterruptedException e) {
                throw interrupted(e);
            } finally {
                lock.unlock();
            }
        }

        @GuardedBy("lock") private int give(ByteBuffer target) {
            int end = position < lostAt ? lostAt : length;
            int count = Math.min(end - position, target.remaining());
            target.put(kept, position, count);
            position += count;
            taken = Math.max(taken, position);
            return count;
        }

        private static IOException interrupted(InterruptedException e) {
            Thread.currentThread().interrupt();
            return new IOException("interrupted", e);
        }

        @Override
        public boolean isOpen() {
            lock.lock();
            try {
                return isOpen;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                isOpen = false;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
