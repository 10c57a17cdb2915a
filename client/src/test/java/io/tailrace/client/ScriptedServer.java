package io.tailrace.client;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.ContainersGrpc;
import io.tailrace.api.v1.CreateContainerRequest;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.FollowResponse;
import io.tailrace.api.v1.GetContainerRequest;
import io.tailrace.api.v1.InputRequest;
import io.tailrace.api.v1.InputResponse;
import io.tailrace.api.v1.Record;
import io.tailrace.api.v1.TimelinesGrpc;
import io.tailrace.api.v1.WaitContainerRequest;
import io.tailrace.api.v1.WaitContainerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A server whose one timeline is a list of records, and whose one process reads what it is sent. Cursors are sequences. */
final class ScriptedServer implements AutoCloseable {
    final List<Record> timeline = new CopyOnWriteArrayList<>();
    final List<FollowRequest> follows = new CopyOnWriteArrayList<>();
    final List<CreateContainerRequest> creates = new CopyOnWriteArrayList<>();
    final ByteArrayOutputStream stdin = new ByteArrayOutputStream();
    volatile boolean isStdinClosed;
    /** Ends each follow's first call behind so many records; 0: never. */
    volatile int followBreaksAfter;

    volatile Status followEnd = Status.OK;
    volatile Status containerFailure = Status.OK;
    volatile Status inputFailure = Status.OK;

    private final Server server;

    ScriptedServer() throws IOException {
        this(NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    }

    /** One that listens wherever the builder says. */
    ScriptedServer(NettyServerBuilder builder) throws IOException {
        server = builder.addService(new Timelines())
                .addService(new Containers())
                .build()
                .start();
    }

    int port() {
        return server.getPort();
    }

    Tailrace.Builder client() {
        return Tailrace.builder().address("http://127.0.0.1:" + port());
    }

    byte[] stdinBytes() {
        synchronized (stdin) {
            return stdin.toByteArray();
        }
    }

    @Override
    public void close() throws InterruptedException {
        server.shutdownNow();
        server.awaitTermination(5, TimeUnit.SECONDS);
    }

    private final class Timelines extends TimelinesGrpc.TimelinesImplBase {
        @Override
        public void follow(FollowRequest request, StreamObserver<FollowResponse> observer) {
            follows.add(request);
            var call = (ServerCallStreamObserver<FollowResponse>) observer;
            long after = request.getCursor().isEmpty() ? 0 : Long.parseLong(request.getCursor());
            var records = new ArrayList<>(timeline);
            records.removeIf(record -> record.getSequence() <= after);
            Thread.ofVirtual().start(() -> send(call, records, follows.size() == 1));
        }

        private void send(ServerCallStreamObserver<FollowResponse> call, List<Record> records, boolean isFirst) {
            int sent = 0;
            for (var record : records) {
                if (isFirst && followBreaksAfter > 0 && sent == followBreaksAfter) {
                    call.onError(Status.UNAVAILABLE.withDescription("scripted").asRuntimeException());
                    return;
                }
                while (!call.isReady() && !call.isCancelled()) {
                    Thread.onSpinWait();
                }
                if (call.isCancelled()) {
                    return;
                }
                call.onNext(FollowResponse.newBuilder().setRecord(record).build());
                sent++;
            }
            if (followEnd.isOk()) {
                call.onCompleted();
            } else {
                call.onError(followEnd.asRuntimeException());
            }
        }

        @Override
        public StreamObserver<InputRequest> input(StreamObserver<InputResponse> responses) {
            if (!inputFailure.isOk()) {
                responses.onError(inputFailure.asRuntimeException());
            }
            return new StreamObserver<>() {
                @Override
                public void onNext(InputRequest request) {
                    if (!inputFailure.isOk()) {
                        return;
                    }
                    synchronized (stdin) {
                        if (request.hasData()) {
                            take(
                                    request.getData().getOffset(),
                                    request.getData().getData());
                        }
                        if (request.hasClose()) {
                            isStdinClosed = true;
                            responses.onCompleted();
                            return;
                        }
                        responses.onNext(InputResponse.newBuilder()
                                .setAcknowledgedOffset(stdin.size())
                                .build());
                    }
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {
                    if (!isStdinClosed && inputFailure.isOk()) {
                        responses.onCompleted();
                    }
                }
            };
        }

        private void take(long offset, ByteString data) {
            long skipped = stdin.size() - offset;
            if (skipped < 0) {
                throw new AssertionError("a hole in stdin: %d (expected: %d)".formatted(offset, stdin.size()));
            }
            if (skipped < data.size()) {
                stdin.writeBytes(data.substring((int) skipped).toByteArray());
            }
        }
    }

    private final class Containers extends ContainersGrpc.ContainersImplBase {
        @Override
        public void create(CreateContainerRequest request, StreamObserver<Container> observer) {
            creates.add(request);
            answer(observer, request.getId());
        }

        @Override
        public void get(GetContainerRequest request, StreamObserver<Container> observer) {
            answer(observer, request.getContainer());
        }

        @Override
        public void wait(WaitContainerRequest request, StreamObserver<WaitContainerResponse> observer) {
            observer.onError(fail(Status.DEADLINE_EXCEEDED));
        }

        private void answer(StreamObserver<Container> observer, String id) {
            if (!containerFailure.isOk()) {
                observer.onError(fail(containerFailure));
                return;
            }
            observer.onNext(Container.newBuilder().setId(id).build());
            observer.onCompleted();
        }

        private StatusRuntimeException fail(Status status) {
            return status.asRuntimeException();
        }
    }
}
