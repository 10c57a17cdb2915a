package io.tailrace.cli;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.ContainersGrpc;
import io.tailrace.api.v1.CreateContainerRequest;
import io.tailrace.api.v1.CreateExecRequest;
import io.tailrace.api.v1.Exec;
import io.tailrace.api.v1.ExecsGrpc;
import io.tailrace.api.v1.Exit;
import io.tailrace.api.v1.ExitReason;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.FollowResponse;
import io.tailrace.api.v1.GetContainerRequest;
import io.tailrace.api.v1.GetImageRequest;
import io.tailrace.api.v1.Image;
import io.tailrace.api.v1.ImageProgress;
import io.tailrace.api.v1.ImagesGrpc;
import io.tailrace.api.v1.InputRequest;
import io.tailrace.api.v1.InputResponse;
import io.tailrace.api.v1.KillContainerRequest;
import io.tailrace.api.v1.ListContainersRequest;
import io.tailrace.api.v1.ListContainersResponse;
import io.tailrace.api.v1.Output;
import io.tailrace.api.v1.ProcessStatus;
import io.tailrace.api.v1.PullImageRequest;
import io.tailrace.api.v1.Record;
import io.tailrace.api.v1.RemoveContainerRequest;
import io.tailrace.api.v1.RemoveContainerResponse;
import io.tailrace.api.v1.StandardStream;
import io.tailrace.api.v1.State;
import io.tailrace.api.v1.TimelinesGrpc;
import io.tailrace.api.v1.WaitForLineRequest;
import io.tailrace.api.v1.WaitForLineResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;

/** A server that remembers what it was asked for, and whose every process says what the test put down. */
final class FakeServer implements AutoCloseable {
    final List<CreateContainerRequest> creates = new CopyOnWriteArrayList<>();
    final List<CreateExecRequest> execs = new CopyOnWriteArrayList<>();
    final List<KillContainerRequest> kills = new CopyOnWriteArrayList<>();
    final List<WaitForLineRequest> lines = new CopyOnWriteArrayList<>();
    final List<FollowRequest> follows = new CopyOnWriteArrayList<>();
    final FakeVolumes volumes = new FakeVolumes();
    final List<RemoveContainerRequest> removals = new CopyOnWriteArrayList<>();
    final List<String> pulls = new CopyOnWriteArrayList<>();
    final List<Container> containers = new CopyOnWriteArrayList<>();
    final ByteArrayOutputStream stdin = new ByteArrayOutputStream();

    private final List<Record> records = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    /** The code that creating a container or an exec fails with; empty: it does not. */
    volatile String createFailure = "";

    volatile boolean isImageMissing;
    /** As soon as a command was told that it is missing. */
    volatile boolean isImageFetchedByOthers;

    volatile boolean isPullPossible = true;

    private final Server server;
    private final String address;
    private final CountDownLatch stdinEnded = new CountDownLatch(1);

    FakeServer() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new Containers())
                .addService(new Execs())
                .addService(new Timelines())
                .addService(new Images())
                .addService(volumes)
                .build()
                .start();
        address = "http://127.0.0.1:" + server.getPort();
    }

    String address() {
        return address;
    }

    FakeServer out(String text) {
        return output(StandardStream.STANDARD_STREAM_STDOUT, stdout, text.getBytes(StandardCharsets.UTF_8));
    }

    FakeServer out(byte[] bytes) {
        return output(StandardStream.STANDARD_STREAM_STDOUT, stdout, bytes);
    }

    FakeServer err(String text) {
        return output(StandardStream.STANDARD_STREAM_STDERR, stderr, text.getBytes(StandardCharsets.UTF_8));
    }

    private FakeServer output(StandardStream stream, ByteArrayOutputStream whole, byte[] bytes) {
        records.add(next().setOutput(Output.newBuilder()
                        .setStream(stream)
                        .setOffset(whole.size())
                        .setData(ByteString.copyFrom(bytes)))
                .build());
        whole.writeBytes(bytes);
        return this;
    }

    FakeServer state(String state) {
        records.add(next().setState(State.newBuilder().setState(state)).build());
        return this;
    }

    FakeServer exit(int code) {
        return exit(ExitReason.EXIT_REASON_EXITED, code, 0, "");
    }

    FakeServer exit(ExitReason reason, int code, int signal, String message) {
        records.add(next().setExit(Exit.newBuilder()
                        .setReason(reason)
                        .setExitCode(code)
                        .setSignal(signal)
                        .setMessage(message)
                        .setStdoutLength(stdout.size())
                        .setStdoutCrc32(crc32(stdout))
                        .setStderrLength(stderr.size())
                        .setStderrCrc32(crc32(stderr)))
                .build());
        return this;
    }

    private Record.Builder next() {
        long sequence = records.size() + 1L;
        return Record.newBuilder()
                .setSequence(sequence)
                .setCursor(Long.toString(sequence))
                .setTimestampNanos(1_700_000_000_000_000_000L + sequence);
    }

    private static int crc32(ByteArrayOutputStream bytes) {
        var crc32 = new CRC32();
        crc32.update(bytes.toByteArray());
        return (int) crc32.getValue();
    }

    String stdinText() {
        synchronized (stdin) {
            return stdin.toString(StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() throws InterruptedException {
        server.shutdownNow();
        server.awaitTermination(5, TimeUnit.SECONDS);
    }

    static StatusRuntimeException failure(int status, String reason, String message) {
        return StatusProto.toStatusRuntimeException(Status.newBuilder()
                .setCode(status)
                .setMessage(message)
                .addDetails(Any.pack(ErrorInfo.newBuilder().setReason(reason).build()))
                .build());
    }

    static <T> void answer(StreamObserver<T> observer, T response) {
        observer.onNext(response);
        observer.onCompleted();
    }

    private final class Containers extends ContainersGrpc.ContainersImplBase {
        @Override
        public void create(CreateContainerRequest request, StreamObserver<Container> observer) {
            if (isImageMissing) {
                isImageMissing = !isImageFetchedByOthers;
                observer.onError(
                        failure(5, "NOT_FOUND", "image: " + request.getSpec().getImage()));
                return;
            }
            if (!createFailure.isEmpty()) {
                observer.onError(failure(9, createFailure, "command: told by the test"));
                return;
            }
            creates.add(request);
            answer(observer, Container.newBuilder().setId(request.getId()).build());
        }

        @Override
        public void get(GetContainerRequest request, StreamObserver<Container> observer) {
            for (var container : containers) {
                if (container.getName().equals(request.getContainer())
                        || container.getId().equals(request.getContainer())) {
                    answer(observer, container);
                    return;
                }
            }
            observer.onError(failure(5, "NOT_FOUND", "container: " + request.getContainer()));
        }

        @Override
        public void list(ListContainersRequest request, StreamObserver<ListContainersResponse> observer) {
            answer(
                    observer,
                    ListContainersResponse.newBuilder()
                            .addAllContainers(containers)
                            .build());
        }

        @Override
        public void kill(KillContainerRequest request, StreamObserver<Container> observer) {
            kills.add(request);
            answer(
                    observer,
                    Container.newBuilder().setId(request.getContainer()).build());
        }

        @Override
        public void remove(RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> observer) {
            removals.add(request);
            answer(observer, RemoveContainerResponse.getDefaultInstance());
        }
    }

    private final class Execs extends ExecsGrpc.ExecsImplBase {
        @Override
        public void create(CreateExecRequest request, StreamObserver<Exec> observer) {
            if (!createFailure.isEmpty()) {
                observer.onError(failure(9, createFailure, "command: told by the test"));
                return;
            }
            execs.add(request);
            answer(observer, Exec.newBuilder().setId(request.getId()).build());
        }
    }

    private final class Images extends ImagesGrpc.ImagesImplBase {
        @Override
        public void get(GetImageRequest request, StreamObserver<Image> observer) {
            if (isImageMissing) {
                observer.onError(failure(5, "NOT_FOUND", "image: " + request.getReference()));
                return;
            }
            answer(observer, Image.newBuilder().setId("sha256:1").build());
        }

        @Override
        public void pull(PullImageRequest request, StreamObserver<ImageProgress> observer) {
            pulls.add(request.getReference());
            if (!isPullPossible) {
                observer.onError(failure(14, "UNAVAILABLE", "registry: not reachable"));
                return;
            }
            isImageMissing = false;
            observer.onNext(ImageProgress.newBuilder()
                    .setPart("manifest")
                    .setStatus("downloading")
                    .build());
            answer(
                    observer,
                    ImageProgress.newBuilder()
                            .setPart("manifest")
                            .setStatus("done")
                            .addImages(Image.newBuilder().setId("sha256:1"))
                            .build());
        }
    }

    private final class Timelines extends TimelinesGrpc.TimelinesImplBase {
        @Override
        public void follow(FollowRequest request, StreamObserver<FollowResponse> observer) {
            var wanted = new ArrayList<>(records);
            if (!request.getStreamsList().isEmpty()) {
                wanted.removeIf(record -> record.hasOutput()
                        && !request.getStreamsList().contains(record.getOutput().getStream()));
            }
            if (request.getLast() > 0) {
                while (wanted.size() > request.getLast()) {
                    wanted.removeFirst();
                }
            }
            follows.add(request);
            long after = request.getCursor().isEmpty() ? 0 : Long.parseLong(request.getCursor());
            if (!creates.isEmpty() && creates.getFirst().getSpec().getStdin()) {
                awaitEndOfStdin();
            }
            for (var record : wanted) {
                if (record.getSequence() > after) {
                    observer.onNext(
                            FollowResponse.newBuilder().setRecord(record).build());
                }
            }
            observer.onCompleted();
        }

        @Override
        public void waitForLine(WaitForLineRequest request, StreamObserver<WaitForLineResponse> observer) {
            lines.add(request);
            if (request.getPattern().equals("never")) {
                observer.onError(failure(4, "DEADLINE_EXCEEDED", "no line"));
                return;
            }
            answer(
                    observer,
                    WaitForLineResponse.newBuilder()
                            .setStream(StandardStream.STANDARD_STREAM_STDERR)
                            .setLine(ByteString.copyFromUtf8("ready now"))
                            .setOffset(7)
                            .setCursor("c7")
                            .build());
        }

        /** Its process reads to the end before it exits, as cat does. */
        private void awaitEndOfStdin() {
            try {
                if (!stdinEnded.await(10, TimeUnit.SECONDS)) {
                    throw new AssertionError("stdin did not end");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public StreamObserver<InputRequest> input(StreamObserver<InputResponse> responses) {
            return new StreamObserver<>() {
                @Override
                public void onNext(InputRequest request) {
                    synchronized (stdin) {
                        stdin.writeBytes(request.getData().getData().toByteArray());
                        responses.onNext(InputResponse.newBuilder()
                                .setAcknowledgedOffset(stdin.size())
                                .build());
                        if (request.hasClose()) {
                            stdin.writeBytes("<end>".getBytes(StandardCharsets.UTF_8));
                            stdinEnded.countDown();
                        }
                    }
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {
                    responses.onCompleted();
                }
            };
        }
    }

    /** A container that runs, for {@link #containers}. */
    static Container running(String name) {
        return Container.newBuilder()
                .setId("a".repeat(64))
                .setName(name)
                .addArguments("sleep")
                .setSpec(io.tailrace.api.v1.ContainerSpec.newBuilder().setImage("docker.io/library/busybox:latest"))
                .setStatus(ProcessStatus.newBuilder()
                        .setState("running")
                        .setCreatedAt(Timestamp.newBuilder().setSeconds(1_700_000_000))
                        .setStartedAt(Timestamp.newBuilder().setSeconds(1_700_000_000)))
                .build();
    }
}
