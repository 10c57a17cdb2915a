package io.tailrace.client;

import io.tailrace.api.v1.ImageProgress;
import java.util.List;
import java.util.function.Consumer;

/** The rest of a pull or an import: progress until the images are there. */
final class ImageTransfer {
    private ImageTransfer() {}

    /** @param sending runs on the calling thread while another one hears the progress: an archive may be long */
    static List<Image> finish(
            BlockingCall<?, ImageProgress> call,
            Connection connection,
            Consumer<io.tailrace.client.ImageProgress> progress,
            Runnable sending) {
        var result = new java.util.concurrent.FutureTask<>(() -> finish(call, connection, progress));
        var listener = Thread.ofVirtual().name("tailrace-image-progress").start(result);
        try {
            sending.run();
            return result.get();
        } catch (InterruptedException e) {
            call.cancel("interrupted");
            throw Failures.interrupted();
        } catch (java.util.concurrent.ExecutionException e) {
            if (e.getCause() instanceof TailraceException failure) {
                throw failure;
            }
            throw new TailraceException(ErrorCode.INTERNAL, "import: " + e.getCause(), e);
        } finally {
            // Its call has ended or was cancelled: it ends by itself.
            listener.interrupt();
        }
    }

    static List<Image> finish(
            BlockingCall<?, ImageProgress> call,
            Connection connection,
            Consumer<io.tailrace.client.ImageProgress> progress) {
        List<Image> images = List.of();
        try {
            while (true) {
                var next = call.take();
                if (next instanceof BlockingCall.End end) {
                    if (!end.status().isOk()) {
                        throw Failures.of(end.status(), end.trailers(), connection.address());
                    }
                    if (images.isEmpty()) {
                        throw new TailraceException(
                                ErrorCode.INCOMPLETE, "the server ended the transfer without naming an image");
                    }
                    return images;
                }
                var message = (ImageProgress) next;
                if (message.getImagesCount() > 0) {
                    images = message.getImagesList().stream().map(Wire::image).toList();
                }
                if (!message.getPart().isEmpty()) {
                    progress.accept(new io.tailrace.client.ImageProgress(
                            message.getPart(), message.getStatus(), message.getDoneBytes(), message.getTotalBytes()));
                }
            }
        } catch (InterruptedException e) {
            call.cancel("interrupted");
            throw Failures.interrupted();
        }
    }
}
