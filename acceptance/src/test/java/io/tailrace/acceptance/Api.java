package io.tailrace.acceptance;

import com.google.protobuf.ByteString;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.tailrace.api.exec.ExecGrpc;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.ContainerSpec;
import io.tailrace.api.v1.ContainersGrpc;
import io.tailrace.api.v1.CreateContainerRequest;
import io.tailrace.api.v1.CreateExecRequest;
import io.tailrace.api.v1.Exec;
import io.tailrace.api.v1.ExecsGrpc;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.FollowResponse;
import io.tailrace.api.v1.GetContainerRequest;
import io.tailrace.api.v1.ImagesGrpc;
import io.tailrace.api.v1.InputData;
import io.tailrace.api.v1.InputOpen;
import io.tailrace.api.v1.InputRequest;
import io.tailrace.api.v1.InputResponse;
import io.tailrace.api.v1.KillContainerRequest;
import io.tailrace.api.v1.ListContainersRequest;
import io.tailrace.api.v1.NetworkMode;
import io.tailrace.api.v1.Record;
import io.tailrace.api.v1.RemoveContainerRequest;
import io.tailrace.api.v1.StartContainerRequest;
import io.tailrace.api.v1.SystemGrpc;
import io.tailrace.api.v1.TimelinesGrpc;
import io.tailrace.api.v1.WaitContainerRequest;
import io.tailrace.api.v1.WaitContainerResponse;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The server's API over gRPC, as generated from its definitions; every call is bounded. */
final class Api implements AutoCloseable {
    private static final long CALL_SECONDS_MAX = 30;
    private static final long FOLLOW_SECONDS_MAX = 110;
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final ManagedChannel channel;

    private Api(ManagedChannel channel) {
        this.channel = channel;
    }

    /** Connects over TCP. @param token empty: none is sent */
    static Api connect(String address, String token) {
        return new Api(builder(address, token).build());
    }

    /** Connects for streams that never block: what comes is handed on by the connection's own thread. */
    static Api connectCheaply(String address, String token) {
        return new Api(builder(address, token).directExecutor().build());
    }

    private static ManagedChannelBuilder<?> builder(String address, String token) {
        Metadata metadata = new Metadata();
        if (!token.isEmpty()) {
            metadata.put(AUTHORIZATION, "Bearer " + token);
        }
        return ManagedChannelBuilder.forTarget(address)
                .usePlaintext()
                .maxInboundMessageSize(16 << 20)
                .intercept(MetadataUtils.newAttachHeadersInterceptor(metadata));
    }

    /** Connects at once to a server that has come back, instead of when the channel next tries; waits until it has. */
    void reconnect() {
        Waiting.until("the connection to the server", Duration.ofSeconds(CALL_SECONDS_MAX), () -> {
            channel.resetConnectBackoff();
            return channel.getState(true) == ConnectivityState.READY;
        });
    }

    ManagedChannel channel() {
        return channel;
    }

    ContainersGrpc.ContainersBlockingStub containers() {
        return ContainersGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS);
    }

    ExecsGrpc.ExecsBlockingStub execs() {
        return ExecsGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS);
    }

    ImagesGrpc.ImagesBlockingStub images() {
        return ImagesGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS);
    }

    SystemGrpc.SystemBlockingStub system() {
        return SystemGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS);
    }

    TimelinesGrpc.TimelinesBlockingStub timelines() {
        return TimelinesGrpc.newBlockingStub(channel).withDeadlineAfter(FOLLOW_SECONDS_MAX, TimeUnit.SECONDS);
    }

    ExecGrpc.ExecBlockingStub exec() {
        return ExecGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS);
    }

    /** A specification of a busybox container that runs a shell script. */
    static ContainerSpec.Builder shell(String script) {
        return ContainerSpec.newBuilder()
                .setImage("busybox")
                .addAllCommand(List.of("sh", "-c", script))
                .setNetwork(NetworkMode.NETWORK_MODE_NONE);
    }

    /** Runs a shell script in a new container. */
    Container run(String script) {
        return run(script, spec -> spec);
    }

    /** Runs a shell script in a new container. */
    Container run(String script, UnaryOperator<ContainerSpec.Builder> more) {
        return containers()
                .create(CreateContainerRequest.newBuilder()
                        .setSpec(more.apply(shell(script)))
                        .setStart(true)
                        .build());
    }

    /** Makes a container that will run a shell script. */
    Container create(String script) {
        return containers()
                .create(CreateContainerRequest.newBuilder()
                        .setSpec(shell(script))
                        .build());
    }

    Container start(String container) {
        return containers()
                .start(StartContainerRequest.newBuilder()
                        .setContainer(container)
                        .build());
    }

    Container get(String container) {
        return containers()
                .get(GetContainerRequest.newBuilder().setContainer(container).build());
    }

    Container kill(String container, String signal) {
        return containers()
                .kill(KillContainerRequest.newBuilder()
                        .setContainer(container)
                        .setSignal(signal)
                        .build());
    }

    void remove(String container) {
        containers()
                .remove(RemoveContainerRequest.newBuilder()
                        .setContainer(container)
                        .setForce(true)
                        .build());
    }

    /** Runs a shell script as an exec. */
    Exec exec(String container, String script) {
        return execs().create(CreateExecRequest.newBuilder()
                .setContainer(container)
                .addAllCommand(List.of("sh", "-c", script))
                .build());
    }

    /** Writes to a container's stdin, and returns when the container has it. */
    void tell(String container, String text) {
        ByteString data = ByteString.copyFromUtf8(text);
        CompletableFuture<Void> taken = new CompletableFuture<>();
        StreamObserver<InputRequest> input = TimelinesGrpc.newStub(channel).input(new StreamObserver<>() {
            @Override
            public void onNext(InputResponse response) {
                if (response.getAcknowledgedOffset() >= data.size()) {
                    taken.complete(null);
                }
            }

            @Override
            public void onError(Throwable cause) {
                taken.completeExceptionally(cause);
            }

            @Override
            public void onCompleted() {
                taken.complete(null);
            }
        });
        input.onNext(InputRequest.newBuilder()
                .setOpen(InputOpen.newBuilder().setContainer(container))
                .build());
        input.onNext(InputRequest.newBuilder()
                .setData(InputData.newBuilder().setData(data))
                .build());
        input.onCompleted();
        taken.orTimeout(CALL_SECONDS_MAX, TimeUnit.SECONDS).join();
    }

    WaitContainerResponse await(String container) {
        return containers()
                .wait(WaitContainerRequest.newBuilder().setContainer(container).build());
    }

    /** Follows a process from its first record to its exit. @param exec empty: the init process */
    Followed follow(String container, String exec) {
        return Followed.read(timelines()
                .follow(FollowRequest.newBuilder()
                        .setContainer(container)
                        .setExec(exec)
                        .build()));
    }

    /** As {@link #follow(String, String)}. @param also is given every record, too */
    Followed follow(String container, String exec, Consumer<Record> also) {
        Followed followed = new Followed();
        Iterator<FollowResponse> responses = timelines()
                .follow(FollowRequest.newBuilder()
                        .setContainer(container)
                        .setExec(exec)
                        .build());
        while (responses.hasNext()) {
            FollowResponse response = responses.next();
            if (response.hasRecord()) {
                followed.accept(response.getRecord());
                also.accept(response.getRecord());
            }
        }
        return followed;
    }

    /** Removes all containers. @return their ids, those of earlier removed ones included */
    List<String> removeAll() {
        List<Container> all = containers()
                .list(ListContainersRequest.newBuilder()
                        .setAll(true)
                        .setRemoved(true)
                        .build())
                .getContainersList();
        all.stream()
                .filter(container -> !container.getStatus().getState().equals("removed"))
                .forEach(container -> remove(container.getId()));
        return all.stream().map(Container::getId).toList();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
