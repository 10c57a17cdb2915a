package io.tailrace.server.v1;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.tailrace.api.v1.GetImageRequest;
import io.tailrace.api.v1.Image;
import io.tailrace.api.v1.ImageProgress;
import io.tailrace.api.v1.ImagesGrpc;
import io.tailrace.api.v1.ImportImageRequest;
import io.tailrace.api.v1.ListImagesRequest;
import io.tailrace.api.v1.ListImagesResponse;
import io.tailrace.api.v1.PruneImagesRequest;
import io.tailrace.api.v1.PruneImagesResponse;
import io.tailrace.api.v1.PullImageRequest;
import io.tailrace.api.v1.RemoveImageRequest;
import io.tailrace.api.v1.RemoveImageResponse;
import io.tailrace.engine.Engine;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import io.tailrace.engine.PruneFilter;
import io.tailrace.runtime.spi.Images;
import io.tailrace.server.stream.GrpcStream;
import io.tailrace.server.stream.Inbox;
import io.tailrace.server.stream.Streams;
import io.tailrace.server.stream.UnaryCalls;
import java.util.List;

/** The runtime's images. */
public final class ImagesService extends ImagesGrpc.ImagesImplBase {
    private final Engine engine;
    private final Streams streams;

    /** A service over an engine. */
    public ImagesService(Engine engine, Streams streams) {
        this.engine = engine;
        this.streams = streams;
    }

    @Override
    public void list(ListImagesRequest request, StreamObserver<ListImagesResponse> observer) {
        UnaryCalls.serve(observer, () -> {
            var response = ListImagesResponse.newBuilder();
            engine.images().forEach(image -> response.addImages(message(image)));
            return response.build();
        });
    }

    @Override
    public void get(GetImageRequest request, StreamObserver<Image> observer) {
        UnaryCalls.serve(observer, () -> message(engine.image(request.getReference())));
    }

    @Override
    public void remove(RemoveImageRequest request, StreamObserver<RemoveImageResponse> observer) {
        UnaryCalls.serve(observer, () -> {
            engine.removeImage(request.getReference(), request.getForce());
            return RemoveImageResponse.getDefaultInstance();
        });
    }

    @Override
    public void prune(PruneImagesRequest request, StreamObserver<PruneImagesResponse> observer) {
        UnaryCalls.serve(observer, () -> {
            var filter =
                    new PruneFilter(Times.of(request.hasUntil(), "until", request.getUntil()), request.getLabelsMap());
            var pruned = engine.pruneImages(filter, request.getAll());
            return PruneImagesResponse.newBuilder()
                    .addAllImages(pruned.ids())
                    .setReclaimedBytes(pruned.reclaimedBytes())
                    .build();
        });
    }

    @Override
    public void pull(PullImageRequest request, StreamObserver<ImageProgress> observer) {
        var stream = GrpcStream.of(observer);
        streams.start("pull", stream, () -> {
            var image = engine.pullImage(request.getReference(), listener(stream));
            finish(stream, List.of(image));
        });
    }

    @Override
    public StreamObserver<ImportImageRequest> import_(StreamObserver<ImageProgress> observer) {
        var stream = GrpcStream.of(observer);
        var inbox = stream.<ImportImageRequest>inbox();
        streams.start("import", stream, () -> importImages(stream, inbox));
        return inbox;
    }

    private void importImages(GrpcStream<ImageProgress> stream, Inbox<ImportImageRequest> inbox)
            throws InterruptedException {
        ImportImageRequest first = inbox.take();
        if (first == null || !first.hasOpen()) {
            throw new EngineException(ErrorCode.INVALID_ARGUMENT, "first message: not open (expected: open)");
        }
        var archive = new ArchiveInput<>(inbox, ImagesService::data);
        finish(stream, engine.importImages(archive, first.getOpen().getReference(), listener(stream)));
    }

    private static ByteString data(ImportImageRequest request) {
        if (request.hasOpen()) {
            throw new EngineException(ErrorCode.INVALID_ARGUMENT, "message: open again (expected: data)");
        }
        return request.getData();
    }

    /** Progress that the client does not take at once is stale: it is dropped. */
    private static Images.ProgressListener listener(GrpcStream<ImageProgress> stream) {
        return progress -> {
            stream.check();
            stream.sendIfReady(ImageProgress.newBuilder()
                    .setPart(progress.part())
                    .setStatus(progress.status())
                    .setDoneBytes(progress.doneBytes())
                    .setTotalBytes(progress.totalBytes())
                    .build());
        };
    }

    private static void finish(GrpcStream<ImageProgress> stream, List<io.tailrace.runtime.spi.Image> images)
            throws InterruptedException {
        var last = ImageProgress.newBuilder().setStatus("done");
        images.forEach(image -> last.addImages(message(image)));
        stream.awaitReady();
        stream.send(last.build());
        stream.complete();
    }

    private static Image message(io.tailrace.runtime.spi.Image image) {
        var message = Image.newBuilder()
                .setId(image.id())
                .addAllReferences(image.references())
                .setDigest(image.digest())
                .setSizeBytes(image.sizeBytes())
                .setCreatedAt(Times.of(image.createdAt()))
                .setPlatform(image.platform())
                .addAllEntrypoint(image.config().entrypoint())
                .addAllCommand(image.config().command())
                .addAllEnvironment(image.config().environment())
                .setWorkingDirectory(image.config().workingDirectory())
                .setUser(image.config().user())
                .putAllLabels(image.config().labels());
        var healthCheck = image.config().healthCheck();
        if (healthCheck != null) {
            message.setHealthCheck(HealthMessages.of(healthCheck));
        }
        return message.build();
    }
}
