package io.tailrace.runtime.containerd;

import com.google.protobuf.Empty;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.tailrace.runtime.containerd.proto.containers.ContainersGrpc;
import io.tailrace.runtime.containerd.proto.content.ContentGrpc;
import io.tailrace.runtime.containerd.proto.diff.DiffGrpc;
import io.tailrace.runtime.containerd.proto.images.ImagesGrpc;
import io.tailrace.runtime.containerd.proto.leases.LeasesGrpc;
import io.tailrace.runtime.containerd.proto.snapshots.SnapshotsGrpc;
import io.tailrace.runtime.containerd.proto.tasks.TasksGrpc;
import io.tailrace.runtime.containerd.proto.version.VersionGrpc;
import io.tailrace.runtime.containerd.proto.version.VersionResponse;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The connection to containerd: one HTTP/2 channel over its unix socket, which reconnects by itself, and the services
 * behind it, all in one containerd namespace. Thread-safe. Network events run on one thread, callbacks on virtual ones.
 */
final class Containerd implements AutoCloseable {
    /** Bound of calls that start, stop or look up something. */
    static final long CALL_MILLIS = 60_000;
    /** Bound of unpacking one layer. */
    static final long UNPACK_MILLIS = 600_000;

    private static final Metadata.Key<String> NAMESPACE =
            Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> LEASE =
            Metadata.Key.of("containerd-lease", Metadata.ASCII_STRING_MARSHALLER);
    /** containerd's own limit for what it sends. */
    private static final int MESSAGE_BYTES_MAX = 16 << 20;

    private static final long CLOSE_MILLIS = 2_000;

    private final EventLoopGroup events;
    private final ExecutorService callbacks;
    private final ManagedChannel channel;
    private final String namespace;
    private final ClientInterceptor inNamespace;

    Containerd(Path socket, String namespace) {
        events = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("containerd-events", true), EpollIoHandler.newFactory());
        callbacks = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("containerd-callback-", 0).factory());
        channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toString()))
                .channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(events)
                .executor(callbacks)
                .overrideAuthority("localhost")
                // gRPC's default, which unix sockets do not know and Netty warns of.
                .withOption(ChannelOption.SO_KEEPALIVE, null)
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .usePlaintext()
                .build();
        this.namespace = namespace;
        inNamespace = header(NAMESPACE, namespace);
    }

    /** The containerd namespace that everything is in. */
    String namespace() {
        return namespace;
    }

    /** Its version; also the proof that it can be reached. */
    VersionResponse version(long timeoutMillis) {
        return VersionGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(timeoutMillis, TimeUnit.MILLISECONDS)
                .version(Empty.getDefaultInstance());
    }

    TasksGrpc.TasksBlockingStub tasks() {
        return bounded(TasksGrpc.newBlockingStub(channel));
    }

    /** For waits that last as long as a process: without a deadline. */
    TasksGrpc.TasksBlockingStub unboundedTasks() {
        return TasksGrpc.newBlockingStub(channel).withInterceptors(inNamespace);
    }

    ContainersGrpc.ContainersBlockingStub containers() {
        return bounded(ContainersGrpc.newBlockingStub(channel));
    }

    ImagesGrpc.ImagesBlockingStub images() {
        return bounded(ImagesGrpc.newBlockingStub(channel));
    }

    SnapshotsGrpc.SnapshotsBlockingStub snapshots() {
        return bounded(SnapshotsGrpc.newBlockingStub(channel));
    }

    LeasesGrpc.LeasesBlockingStub leases() {
        return bounded(LeasesGrpc.newBlockingStub(channel));
    }

    ContentGrpc.ContentBlockingStub content() {
        return bounded(ContentGrpc.newBlockingStub(channel));
    }

    /** For streams into the store, bounded by their writer. */
    ContentGrpc.ContentBlockingV2Stub contentStreams() {
        return ContentGrpc.newBlockingV2Stub(channel).withInterceptors(inNamespace);
    }

    DiffGrpc.DiffBlockingStub diff() {
        return DiffGrpc.newBlockingStub(channel)
                .withInterceptors(inNamespace)
                .withDeadlineAfter(UNPACK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The same service, whose new resources a lease then keeps from being collected. */
    static <S extends AbstractStub<S>> S leased(S stub, String lease) {
        return stub.withInterceptors(header(LEASE, lease));
    }

    /** Has a broken connection tried again now: gRPC's own pauses between attempts grow to two minutes. */
    void retry() {
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            channel.resetConnectBackoff();
        }
    }

    private <S extends AbstractStub<S>> S bounded(S stub) {
        retry();
        return stub.withInterceptors(inNamespace).withDeadlineAfter(CALL_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static ClientInterceptor header(Metadata.Key<String> key, String value) {
        Metadata metadata = new Metadata();
        metadata.put(key, value);
        return MetadataUtils.newAttachHeadersInterceptor(metadata);
    }

    boolean isClosed() {
        return channel.isShutdown();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        events.shutdownGracefully(0, CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        callbacks.shutdown();
    }
}
