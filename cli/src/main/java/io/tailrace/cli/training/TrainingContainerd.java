package io.tailrace.cli.training;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.tailrace.runtime.containerd.proto.containers.ContainersGrpc.ContainersImplBase;
import io.tailrace.runtime.containerd.proto.containers.CreateContainerRequest;
import io.tailrace.runtime.containerd.proto.containers.CreateContainerResponse;
import io.tailrace.runtime.containerd.proto.containers.DeleteContainerRequest;
import io.tailrace.runtime.containerd.proto.containers.ListContainersRequest;
import io.tailrace.runtime.containerd.proto.containers.ListContainersResponse;
import io.tailrace.runtime.containerd.proto.content.ContentGrpc.ContentImplBase;
import io.tailrace.runtime.containerd.proto.content.InfoRequest;
import io.tailrace.runtime.containerd.proto.content.InfoResponse;
import io.tailrace.runtime.containerd.proto.content.ReadContentRequest;
import io.tailrace.runtime.containerd.proto.content.ReadContentResponse;
import io.tailrace.runtime.containerd.proto.images.GetImageRequest;
import io.tailrace.runtime.containerd.proto.images.GetImageResponse;
import io.tailrace.runtime.containerd.proto.images.Image;
import io.tailrace.runtime.containerd.proto.images.ImagesGrpc.ImagesImplBase;
import io.tailrace.runtime.containerd.proto.images.ListImagesRequest;
import io.tailrace.runtime.containerd.proto.images.ListImagesResponse;
import io.tailrace.runtime.containerd.proto.snapshots.PrepareSnapshotRequest;
import io.tailrace.runtime.containerd.proto.snapshots.PrepareSnapshotResponse;
import io.tailrace.runtime.containerd.proto.snapshots.RemoveSnapshotRequest;
import io.tailrace.runtime.containerd.proto.snapshots.SnapshotsGrpc.SnapshotsImplBase;
import io.tailrace.runtime.containerd.proto.types.Descriptor;
import io.tailrace.runtime.containerd.proto.types.Mount;
import io.tailrace.runtime.containerd.proto.version.VersionGrpc.VersionImplBase;
import io.tailrace.runtime.containerd.proto.version.VersionResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Answers as containerd would, on a unix socket, and runs nothing: every image is there and empty, and the processes are
 * {@link TrainingTasks}. So what a server does for a container can be recorded where there is no containerd and nobody is
 * root. Thread-safe.
 */
final class TrainingContainerd implements AutoCloseable {
    private static final String MANIFEST = "sha256:" + "1".repeat(64);
    private static final String CONFIG = "sha256:" + "2".repeat(64);
    private static final String LAYER = "sha256:" + "3".repeat(64);
    private static final long CLOSE_MILLIS = 2_000;

    private final Path socket;
    private final EventLoopGroup events;
    private final Server server;

    private TrainingContainerd(Path directory) throws IOException {
        socket = directory.resolve("containerd.sock");
        Path root = Files.createDirectories(directory.resolve("rootfs"));
        events = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("training-containerd", true), EpollIoHandler.newFactory());
        server = NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toString()))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(events)
                .workerEventLoopGroup(events)
                // gRPC's default, which unix sockets do not know and Netty warns of.
                .withChildOption(ChannelOption.SO_KEEPALIVE, null)
                .addService(new Version())
                .addService(new Images())
                .addService(new Content())
                .addService(new Snapshots(root))
                .addService(new Containers())
                .addService(new TrainingTasks())
                .build()
                .start();
    }

    static TrainingContainerd start(Path directory) throws IOException {
        return new TrainingContainerd(directory);
    }

    Path socket() {
        return socket;
    }

    static <T> void answer(StreamObserver<T> observer, T message) {
        observer.onNext(message);
        observer.onCompleted();
    }

    @Override
    public void close() {
        server.shutdownNow();
        events.shutdownGracefully(0, CLOSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static final class Version extends VersionImplBase {
        @Override
        public void version(Empty request, StreamObserver<VersionResponse> observer) {
            answer(observer, VersionResponse.newBuilder().setVersion("training").build());
        }
    }

    private static final class Images extends ImagesImplBase {
        @Override
        public void get(GetImageRequest request, StreamObserver<GetImageResponse> observer) {
            answer(
                    observer,
                    GetImageResponse.newBuilder()
                            .setImage(image(request.getName()))
                            .build());
        }

        @Override
        public void list(ListImagesRequest request, StreamObserver<ListImagesResponse> observer) {
            answer(
                    observer,
                    ListImagesResponse.newBuilder()
                            .addImages(image("docker.io/library/training:latest"))
                            .build());
        }

        private static Image image(String name) {
            return Image.newBuilder()
                    .setName(name)
                    .setTarget(Descriptor.newBuilder().setDigest(MANIFEST))
                    .build();
        }
    }

    private static final class Content extends ContentImplBase {
        @Override
        public void info(InfoRequest request, StreamObserver<InfoResponse> observer) {
            answer(observer, InfoResponse.getDefaultInstance());
        }

        @Override
        public void read(ReadContentRequest request, StreamObserver<ReadContentResponse> observer) {
            var json = request.getDigest().equals(MANIFEST)
                    ? "{\"config\":{\"digest\":\"%s\",\"size\":2},\"layers\":[{\"digest\":\"%s\",\"size\":2}]}"
                            .formatted(CONFIG, LAYER)
                    : "{\"os\":\"linux\",\"config\":{\"Cmd\":[\"sh\"]},\"rootfs\":{\"diff_ids\":[\"%s\"]}}"
                            .formatted(LAYER);
            answer(
                    observer,
                    ReadContentResponse.newBuilder()
                            .setData(ByteString.copyFromUtf8(json))
                            .build());
        }
    }

    private static final class Snapshots extends SnapshotsImplBase {
        private final Path root;

        Snapshots(Path root) {
            this.root = root;
        }

        @Override
        public void prepare(PrepareSnapshotRequest request, StreamObserver<PrepareSnapshotResponse> observer) {
            var mount = Mount.newBuilder().setType("bind").setSource(root.toString());
            answer(
                    observer,
                    PrepareSnapshotResponse.newBuilder().addMounts(mount).build());
        }

        @Override
        public void remove(RemoveSnapshotRequest request, StreamObserver<Empty> observer) {
            answer(observer, Empty.getDefaultInstance());
        }
    }

    private static final class Containers extends ContainersImplBase {
        @Override
        public void list(ListContainersRequest request, StreamObserver<ListContainersResponse> observer) {
            answer(observer, ListContainersResponse.getDefaultInstance());
        }

        @Override
        public void create(CreateContainerRequest request, StreamObserver<CreateContainerResponse> observer) {
            answer(
                    observer,
                    CreateContainerResponse.newBuilder()
                            .setContainer(request.getContainer())
                            .build());
        }

        @Override
        public void delete(DeleteContainerRequest request, StreamObserver<Empty> observer) {
            answer(observer, Empty.getDefaultInstance());
        }
    }
}
