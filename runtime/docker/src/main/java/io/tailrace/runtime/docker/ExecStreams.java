package io.tailrace.runtime.docker;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The two output streams of an exec, which come over one connection. The readers take turns at it: a frame's bytes go from
 * the socket straight to the reader of its stream, and the other waits. So both have to be read, and nothing is kept in
 * between. Thread-safe.
 */
final class ExecStreams {
    private final EngineClient client;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ByteBuffer header = ByteBuffer.allocate(FrameHeader.BYTES);

    /** All guarded by lock. */
    private @Nullable HttpConnection connection;

    private boolean isRaw;
    private int stream;
    private long remaining;
    private boolean isBusy;
    private boolean isEnded;
    private boolean isClosed;
    private @Nullable IOException failure;

    /** Streams that are not connected yet. */
    ExecStreams(EngineClient client) {
        this.client = client;
    }

    /** From now on there is something to read; until then readers wait. @param isRaw whether there is a terminal */
    void connect(HttpConnection started, boolean isRaw) {
        lock.lock();
        try {
            this.isRaw = isRaw;
            connection = started;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing will come. */
    void end() {
        lock.lock();
        try {
            isEnded = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more will be read, of neither stream. */
    void close() {
        HttpConnection open;
        lock.lock();
        try {
            isClosed = true;
            open = connection;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (open != null) {
            client.end(open);
        }
    }

    /** One of the two. @param number of the stream, as in {@link FrameHeader} */
    ReadableByteChannel channel(int number) {
        return new ReadableByteChannel() {
            private volatile boolean isOpen = true;

            @Override
            public int read(ByteBuffer target) throws IOException {
                return ExecStreams.this.read(number, target, this);
            }

            @Override
            public boolean isOpen() {
                return isOpen;
            }

            @Override
            public void close() {
                isOpen = false;
                ExecStreams.this.close();
            }
        };
    }

    private int read(int number, ByteBuffer target, ReadableByteChannel reader) throws IOException {
        lock.lock();
        try {
            while (true) {
                HttpConnection open = connection;
                if (isEnded && reader.isOpen()) {
                    return -1;
                }
                if (isClosed || !reader.isOpen()) {
                    throw new ClosedChannelException();
                }
                if (failure != null) {
                    throw new IOException(failure);
                }
                if (open == null || isBusy) {
                    changed.await();
                } else if (isRaw || (remaining > 0 && stream == number)) {
                    int count = take(open, target);
                    if (count >= 0) {
                        return count;
                    }
                } else if (remaining == 0) {
                    readHeader(open);
                } else {
                    changed.await();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    /** Guarded by lock, which is free while this waits for the socket. */
    private int take(HttpConnection open, ByteBuffer target) {
        int limit = target.limit();
        if (!isRaw && target.remaining() > remaining) {
            target.limit(target.position() + (int) remaining);
        }
        int count = unlocked(() -> {
            int got = open.read(target);
            if (got < 0 && !isRaw) {
                throw new EOFException("the connection ended within a frame");
            }
            return got;
        });
        target.limit(limit);
        if (count < 0) {
            isEnded = true;
        } else if (!isRaw) {
            remaining -= count;
        }
        changed.signalAll();
        return count;
    }

    private void readHeader(HttpConnection open) {
        boolean isThere = unlocked(() -> FrameHeader.read(open, header) ? 0 : -1) == 0;
        if (isThere) {
            stream = FrameHeader.stream(header);
            remaining = FrameHeader.length(header);
        } else {
            isEnded = true;
        }
        changed.signalAll();
    }

    /** Reads from the socket. */
    private interface SocketRead {
        int read() throws IOException;
    }

    private int unlocked(SocketRead reading) {
        isBusy = true;
        lock.unlock();
        int count = -1;
        IOException failed = null;
        try {
            count = reading.read();
        } catch (IOException e) {
            failed = e;
        } finally {
            lock.lock();
            isBusy = false;
        }
        if (failed != null) {
            failure = failed;
        }
        return count;
    }
}
