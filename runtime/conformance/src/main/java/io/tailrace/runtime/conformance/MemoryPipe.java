package io.tailrace.runtime.conformance;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.runtime.spi.ProcessOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** A pipe in memory, as large as Linux makes them. Thread-safe. */
final class MemoryPipe implements BytePipe {
    private static final int CAPACITY_BYTES = 64 << 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock") private final ByteBuffer content = ByteBuffer.allocate(CAPACITY_BYTES);

    @GuardedBy("lock") private boolean isWriterClosed;

    @GuardedBy("lock") private boolean isReaderClosed;

    @Override
    public void write(ByteBuffer source) throws IOException, InterruptedException {
        while (source.hasRemaining()) {
            writeSome(source);
        }
    }

    /** Writes at least one byte, if there is one; waits for room. */
    int writeSome(ByteBuffer source) throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!content.hasRemaining() && !isReaderClosed && !isWriterClosed) {
                changed.await();
            }
            if (isReaderClosed || isWriterClosed) {
                throw new IOException("the pipe is closed");
            }
            int count = Math.min(content.remaining(), source.remaining());
            content.put(source.slice().limit(count));
            source.position(source.position() + count);
            changed.signalAll();
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** Reads what there is; waits for the first byte. -1 at the end. */
    int read(ByteBuffer target) throws IOException, InterruptedException {
        return read(target, () -> true);
    }

    private int read(ByteBuffer target, BooleanSupplier isReading) throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                if (!isReading.getAsBoolean()) {
                    throw new ClosedChannelException();
                }
                if (content.position() > 0) {
                    content.flip();
                    int count = Math.min(content.remaining(), target.remaining());
                    target.put(content.slice().limit(count));
                    content.position(count);
                    content.compact();
                    changed.signalAll();
                    return count;
                }
                if (isWriterClosed) {
                    return -1;
                }
                changed.await();
            }
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

    /** The reading process is gone: writing fails from now on. */
    void closeReader() {
        lock.lock();
        try {
            isReaderClosed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public ProcessOutput connect() {
        return new ProcessOutput.Channel(new Reader());
    }

    @Override
    public void disconnect(ProcessOutput output) {
        if (output instanceof ProcessOutput.Channel(Reader reader)) {
            reader.close();
        }
    }

    @Override
    public void destroy() {
        closeWriter();
        closeReader();
    }

    private final class Reader implements ReadableByteChannel {
        @GuardedBy("lock") private boolean isOpen = true;

        @Override
        public int read(ByteBuffer target) throws IOException {
            try {
                return MemoryPipe.this.read(target, this::isOpen);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
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
