package io.tailrace.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.tailrace.api.v1.InputClose;
import io.tailrace.api.v1.InputData;
import io.tailrace.api.v1.InputOpen;
import io.tailrace.api.v1.InputRequest;
import io.tailrace.api.v1.InputResponse;
import io.tailrace.api.v1.TimelinesGrpc;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

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
 * into account. They meet under one lock, which nobody holds while calling gRPC, except to send.
 */
public final class Stdin extends OutputStream {
    private static final int CHUNK_BYTES_MAX = 65_536;

    private final Connection connection;
    private final InputRequest open;
    private final Backoff backoff = new Backoff(FollowOptions.RECONNECT_TIMEOUT);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock") private @Nullable UnacknowledgedBytes bytes;

    /** Where in the process's stdin our first byte stands; -1 until the server has said so. */
    @GuardedBy("lock") private long base = -1;

    @GuardedBy("lock") private Ending ending = Ending.NONE;

    @GuardedBy("lock") private boolean isDone;

    @GuardedBy("lock") private @Nullable TailraceException failure;

    private enum Ending {
        NONE,
        CLOSE,
        DETACH
    }

    Stdin(Connection connection, String containerId, String execId) {
        this.connection = connection;
        this.open = InputRequest.newBuilder()
                .setOpen(InputOpen.newBuilder().setContainer(containerId).setExec(execId))
                .build();
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, source.length);
        lock.lock();
        try {
            if (ending != Ending.NONE) {
                throw new IOException("stdin: closed");
            }
            var ring = start();
            int at = from;
            while (at < from + length) {
                check();
                int taken = ring.append(source, at, from + length - at);
                at += taken;
                if (taken > 0) {
                    changed.signalAll();
                } else {
                    changed.await();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("stdin: interrupted");
        } finally {
            lock.unlock();
        }
    }

    /** Waits until everything written was handed to the process. */
    @Override
    public void flush() throws IOException {
        lock.lock();
        try {
            while (bytes != null && bytes.acknowledged() < bytes.written()) {
                check();
                changed.await();
            }
            check();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("stdin: interrupted");
        } finally {
            lock.unlock();
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
        lock.lock();
        try {
            if (ending == Ending.NONE) {
                if (how == Ending.DETACH && bytes == null) {
                    isDone = true;
                } else {
                    start();
                }
                ending = how;
                changed.signalAll();
            }
            while (!isDone && failure == null) {
                changed.await();
            }
            // A process that is gone needs no end of input; only bytes that it did not get are a failure.
            if (failure != null && (bytes == null || bytes.acknowledged() < bytes.written())) {
                check();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("stdin: interrupted");
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock") private void check() throws IOException {
        if (failure != null) {
            throw new IOException("stdin: " + failure.getMessage(), failure);
        }
    }

    @GuardedBy("lock") private UnacknowledgedBytes start() {
        if (bytes == null) {
            bytes = new UnacknowledgedBytes();
            Thread.ofVirtual().name("tailrace-stdin").start(this::run);
        }
        return bytes;
    }

    /** Sends until all is done or nothing helps. */
    private void run() {
        try {
            while (true) {
                var session = new Session();
                session.serve();
                if (session.isFinished()) {
                    lock.lock();
                    try {
                        isDone = true;
                        changed.signalAll();
                        return;
                    } finally {
                        lock.unlock();
                    }
                }
                if (!session.isRetried() || !backoff.pause()) {
                    throw session.explain();
                }
                connection.reconnectNow();
            }
        } catch (TailraceException e) {
            fail(e);
        } catch (InterruptedException e) {
            fail(Failures.interrupted());
        } catch (RuntimeException | Error e) {
            fail(new TailraceException(ErrorCode.INTERNAL, "stdin: " + e, e));
            throw e;
        }
    }

    private void fail(TailraceException e) {
        lock.lock();
        try {
            failure = e;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** One call, from its opening to its end. */
    private final class Session extends ClientCall.Listener<InputResponse> {
        private final ClientCall<InputRequest, InputResponse> call = connection.open(TimelinesGrpc.getInputMethod());

        @GuardedBy("lock") private long sent = -1;

        @GuardedBy("lock") private boolean isEndSent;

        @GuardedBy("lock") private @Nullable Status status;

        @GuardedBy("lock") private @Nullable Metadata trailers;

        void serve() throws InterruptedException {
            call.start(this, new Metadata());
            call.request(2);
            call.sendMessage(open);
            lock.lock();
            try {
                while (status == null) {
                    var ring = Objects.requireNonNull(bytes);
                    if (sent >= 0 && sent < ring.written() && call.isReady()) {
                        var data = ring.copy(sent, CHUNK_BYTES_MAX);
                        call.sendMessage(InputRequest.newBuilder()
                                .setData(InputData.newBuilder()
                                        .setOffset(base + sent)
                                        .setData(data))
                                .build());
                        sent += data.size();
                    } else if (isAllAcknowledged(ring) && ending != Ending.NONE && !isEndSent) {
                        isEndSent = true;
                        if (ending == Ending.CLOSE) {
                            call.sendMessage(InputRequest.newBuilder()
                                    .setClose(InputClose.getDefaultInstance())
                                    .build());
                        }
                        call.halfClose();
                    } else {
                        changed.await();
                    }
                }
            } finally {
                lock.unlock();
                if (!isFinished()) {
                    call.cancel("given up", null);
                }
            }
        }

        @GuardedBy("lock") private boolean isAllAcknowledged(UnacknowledgedBytes ring) {
            return sent >= 0 && ring.acknowledged() == ring.written();
        }

        @Override
        public void onMessage(InputResponse response) {
            call.request(1);
            lock.lock();
            try {
                var ring = Objects.requireNonNull(bytes);
                if (base < 0) {
                    base = response.getAcknowledgedOffset();
                }
                long offset = response.getAcknowledgedOffset() - base;
                if (!ring.acknowledge(offset)) {
                    failure = new TailraceException(
                            ErrorCode.CORRUPT,
                            "acknowledged offset: %d (expected: %d to %d)"
                                    .formatted(offset, ring.acknowledged(), ring.written()));
                    status = Status.DATA_LOSS;
                }
                // The first one says where to begin; after a lost connection that may be before what was sent.
                if (sent < 0) {
                    sent = offset;
                }
                backoff.succeeded();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onReady() {
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onClose(Status endStatus, Metadata endTrailers) {
            lock.lock();
            try {
                if (status == null) {
                    status = endStatus;
                    trailers = endTrailers;
                }
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        boolean isFinished() {
            lock.lock();
            try {
                return isEndSent && status != null && status.isOk();
            } finally {
                lock.unlock();
            }
        }

        boolean isRetried() {
            lock.lock();
            try {
                return failure == null && status != null && Failures.isConnectionLost(status, trailers);
            } finally {
                lock.unlock();
            }
        }

        TailraceException explain() {
            lock.lock();
            try {
                if (failure != null) {
                    return failure;
                }
                var end = Objects.requireNonNull(status);
                return end.isOk()
                        ? new TailraceException(ErrorCode.FAILED_PRECONDITION, "the process no longer reads its input")
                        : Failures.of(end, trailers, connection.address());
            } finally {
                lock.unlock();
            }
        }
    }
}
