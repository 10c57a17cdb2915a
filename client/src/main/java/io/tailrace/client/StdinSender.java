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
import io.tailrace.client.StdinState.Ending;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sends what a {@link Stdin} was given, over as many calls as it takes: each begins where the server says that the one
 * before has ended. One thread runs it; the calls' listeners only note what arrives.
 */
final class StdinSender implements Runnable {
    private static final int CHUNK_BYTES_MAX = 65_536;

    private final Connection connection;
    private final InputRequest open;
    private final StdinState state;
    private final Backoff backoff = new Backoff(FollowOptions.RECONNECT_TIMEOUT);

    StdinSender(Connection connection, String containerId, String execId, StdinState state) {
        this.connection = connection;
        this.state = state;
        this.open = InputRequest.newBuilder()
                .setOpen(InputOpen.newBuilder().setContainer(containerId).setExec(execId))
                .build();
    }

    /** Sends until all is done or nothing helps. */
    @Override
    public void run() {
        try {
            while (true) {
                var session = new Session();
                session.serve();
                if (session.isFinished()) {
                    state.finished();
                    return;
                }
                if (connection.isClosed() || !session.isRetried() || !backoff.pause()) {
                    throw session.explain();
                }
                connection.reconnectNow();
            }
        } catch (TailraceException e) {
            state.failed(e);
        } catch (InterruptedException e) {
            state.failed(Failures.interrupted());
        } catch (RuntimeException | Error e) {
            state.failed(new TailraceException(ErrorCode.INTERNAL, "stdin: " + e, e));
            throw e;
        }
    }

    /** One call, from its opening to its end. */
    private final class Session extends ClientCall.Listener<InputResponse> {
        private final ClientCall<InputRequest, InputResponse> call = connection.open(TimelinesGrpc.getInputMethod());

        @GuardedBy("state.lock") private long sent = -1;

        @GuardedBy("state.lock") private boolean isEndSent;

        @GuardedBy("state.lock") private @Nullable Status status;

        @GuardedBy("state.lock") private @Nullable Metadata trailers;

        void serve() throws InterruptedException {
            call.start(this, new Metadata());
            call.request(2);
            call.sendMessage(open);
            state.lock.lock();
            try {
                while (status == null) {
                    if (sent >= 0 && sent < state.bytes.written() && call.isReady()) {
                        var data = state.bytes.copy(sent, CHUNK_BYTES_MAX);
                        call.sendMessage(InputRequest.newBuilder()
                                .setData(InputData.newBuilder()
                                        .setOffset(state.base + sent)
                                        .setData(data))
                                .build());
                        sent += data.size();
                    } else if (isAllAcknowledged() && state.ending != Ending.NONE && !isEndSent) {
                        isEndSent = true;
                        if (state.ending == Ending.CLOSE) {
                            call.sendMessage(InputRequest.newBuilder()
                                    .setClose(InputClose.getDefaultInstance())
                                    .build());
                        }
                        call.halfClose();
                    } else {
                        state.changed.await();
                    }
                }
            } finally {
                state.lock.unlock();
                if (!isFinished()) {
                    call.cancel("given up", null);
                }
            }
        }

        @GuardedBy("state.lock") private boolean isAllAcknowledged() {
            return sent >= 0 && state.isAllAcknowledged();
        }

        @Override
        public void onMessage(InputResponse response) {
            call.request(1);
            state.lock.lock();
            try {
                if (state.base < 0) {
                    state.base = response.getAcknowledgedOffset();
                }
                long offset = response.getAcknowledgedOffset() - state.base;
                if (!state.bytes.acknowledge(offset)) {
                    state.failure = new TailraceException(
                            ErrorCode.CORRUPT,
                            "acknowledged offset: %d (expected: %d to %d)"
                                    .formatted(offset, state.bytes.acknowledged(), state.bytes.written()));
                    status = Status.DATA_LOSS;
                }
                // The first one says where to begin; after a lost connection that may be before what was sent.
                if (sent < 0) {
                    sent = offset;
                }
                backoff.succeeded();
                state.changed.signalAll();
            } finally {
                state.lock.unlock();
            }
        }

        @Override
        public void onReady() {
            state.lock.lock();
            try {
                state.changed.signalAll();
            } finally {
                state.lock.unlock();
            }
        }

        @Override
        public void onClose(Status endStatus, Metadata endTrailers) {
            state.lock.lock();
            try {
                if (status == null) {
                    status = endStatus;
                    trailers = endTrailers;
                }
                state.changed.signalAll();
            } finally {
                state.lock.unlock();
            }
        }

        boolean isFinished() {
            state.lock.lock();
            try {
                return isEndSent && status != null && status.isOk();
            } finally {
                state.lock.unlock();
            }
        }

        boolean isRetried() {
            state.lock.lock();
            try {
                return state.failure == null && status != null && Failures.isConnectionLost(status, trailers);
            } finally {
                state.lock.unlock();
            }
        }

        TailraceException explain() {
            state.lock.lock();
            try {
                var failure = state.failure;
                if (failure != null) {
                    return failure;
                }
                var end = Objects.requireNonNull(status);
                return end.isOk()
                        ? new TailraceException(ErrorCode.FAILED_PRECONDITION, "the process no longer reads its input")
                        : Failures.of(end, trailers, connection.address());
            } finally {
                state.lock.unlock();
            }
        }
    }
}
