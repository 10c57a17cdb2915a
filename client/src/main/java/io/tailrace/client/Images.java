package io.tailrace.client;

import com.google.protobuf.UnsafeByteOperations;
import io.tailrace.api.v1.GetImageRequest;
import io.tailrace.api.v1.ImagesGrpc;
import io.tailrace.api.v1.ImportImageRequest;
import io.tailrace.api.v1.ImportOpen;
import io.tailrace.api.v1.ListImagesRequest;
import io.tailrace.api.v1.PruneImagesRequest;
import io.tailrace.api.v1.PullImageRequest;
import io.tailrace.api.v1.RemoveImageRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * The runtime's images. Thread-safe. References are as in Docker: {@code busybox} is
 * {@code docker.io/library/busybox:latest}.
 */
public final class Images {
    private static final int CHUNK_BYTES = 65_536;

    private final Connection connection;

    Images(Connection connection) {
        this.connection = connection;
    }

    /** All images. */
    public List<Image> list() {
        return connection
                .call(ImagesGrpc.getListMethod(), ListImagesRequest.getDefaultInstance())
                .getImagesList()
                .stream()
                .map(Wire::image)
                .toList();
    }

    /** The image that a reference, an id or an unambiguous prefix of one names. NOT_FOUND. */
    public Image get(String reference) {
        return Wire.image(connection.call(
                ImagesGrpc.getGetMethod(),
                GetImageRequest.newBuilder().setReference(reference).build()));
    }

    /** Fetches an image from its registry. NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE. */
    public Image pull(String reference) {
        return pull(reference, progress -> {});
    }

    /** As {@link #pull(String)}. @param progress is told, by the calling thread, how far each part has come */
    public Image pull(String reference, Consumer<ImageProgress> progress) {
        var call = BlockingCall.open(
                connection,
                ImagesGrpc.getPullMethod(),
                PullImageRequest.newBuilder().setReference(reference).build());
        return ImageTransfer.finish(call, connection, progress).getFirst();
    }

    /** As {@link #importArchive(InputStream, String, Consumer)}, from a file. */
    public List<Image> importArchive(Path archive, String reference) {
        try (var input = Files.newInputStream(archive)) {
            return importArchive(input, reference, progress -> {});
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /**
     * Loads an archive: a docker-archive ({@code docker save}), an OCI layout as a tar, either gzipped or not, or the tar
     * of a root file system, which becomes an image of one layer. INVALID_ARGUMENT if the bytes are none of these.
     *
     * @param archive read to its end, not closed
     * @param reference the name to give; empty: as in the archive
     * @param progress is told how far each part has come, by one thread at a time
     */
    public List<Image> importArchive(InputStream archive, String reference, Consumer<ImageProgress> progress) {
        var open = ImportImageRequest.newBuilder()
                .setOpen(ImportOpen.newBuilder().setReference(reference))
                .build();
        var call = BlockingCall.open(connection, ImagesGrpc.getImportMethod(), open);
        return ImageTransfer.finish(call, connection, progress, () -> send(archive, call));
    }

    private static void send(InputStream archive, BlockingCall<ImportImageRequest, ?> call) {
        try {
            while (true) {
                var chunk = archive.readNBytes(CHUNK_BYTES);
                if (chunk.length == 0) {
                    call.halfClose();
                    return;
                }
                var message = ImportImageRequest.newBuilder()
                        .setData(UnsafeByteOperations.unsafeWrap(chunk))
                        .build();
                if (!call.send(message)) {
                    return;
                }
            }
        } catch (IOException e) {
            call.cancel("the archive cannot be read");
            throw unreadable(e);
        } catch (InterruptedException e) {
            call.cancel("interrupted");
            throw Failures.interrupted();
        }
    }

    /** Removes a name and, when it was the last one, the image. @param isForced even if a container was made of it */
    public void remove(String reference, boolean isForced) {
        connection.call(
                ImagesGrpc.getRemoveMethod(),
                RemoveImageRequest.newBuilder()
                        .setReference(reference)
                        .setForce(isForced)
                        .build());
    }

    /** Removes those that no container was made of. @param isAll also those that have a name */
    public Pruned prune(PruneOptions options, boolean isAll) {
        var request = PruneImagesRequest.newBuilder().setAll(isAll).putAllLabels(options.labels());
        var until = options.until();
        if (until != null) {
            request.setUntil(Wire.timestamp(until));
        }
        var pruned = connection.call(ImagesGrpc.getPruneMethod(), request.build(), null);
        return new Pruned(List.copyOf(pruned.getImagesList()), pruned.getReclaimedBytes());
    }

    private static TailraceException unreadable(IOException e) {
        return new TailraceException(ErrorCode.INVALID_ARGUMENT, "the archive cannot be read: " + e.getMessage(), e);
    }
}
