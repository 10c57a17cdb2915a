package io.tailrace.runtime.spi;

import java.io.InputStream;
import java.util.List;

/**
 * A runtime's image store. Blocking and thread-safe. References are as users type them ({@code busybox},
 * {@code localhost:5000/app:1}); the runtime normalises them as Docker does ({@code docker.io/library/busybox:latest}).
 */
public interface Images {
    /** All images, in no particular order; one entry per image, not per reference. */
    List<Image> list();

    /**
     * The image that a reference, an id ({@code sha256:...}) or an unambiguous prefix of an id (12 or more hex digits)
     * names.
     *
     * @throws ContainerRuntimeException NOT_FOUND, or INVALID_ARGUMENT if it is none of these
     */
    Image get(String reference);

    /**
     * Fetches an image from its registry, all layers included, and unpacks it.
     *
     * @param progress called from one thread at a time, at least at the beginning and the end of each part
     * @throws ContainerRuntimeException NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE, UNSUPPORTED
     */
    Image pull(String reference, ProgressListener progress);

    /**
     * Loads an archive: a docker-archive ({@code docker save}), an OCI layout (tar), either gzipped or not, or the tar
     * of a root file system, which becomes an image of one layer.
     *
     * @param archive read to its end, not closed
     * @param reference the name to give; empty keeps the names in the archive. Required for a root file system, and for
     *     archives that name nothing
     * @throws ContainerRuntimeException INVALID_ARGUMENT if the bytes are none of these
     */
    List<Image> importArchive(InputStream archive, String reference, ProgressListener progress);

    /**
     * Removes a reference and, when it was the last one, the image.
     *
     * @throws ContainerRuntimeException NOT_FOUND
     */
    void remove(String reference);

    /** As {@link #remove}, also where the runtime itself would keep an image that a container was made of. */
    default void removeAnyway(String reference) {
        remove(reference);
    }

    /** What they take on the disk. */
    ImageUsage usage();

    /** Is told how far a pull or an import has come. Must return at once. */
    @FunctionalInterface
    interface ProgressListener {
        /** Hears nothing. */
        ProgressListener NONE = progress -> {};

        /** Called with the newest state of one part. */
        void progressed(Progress progress);
    }

    /**
     * How far one part of an image has come.
     *
     * @param part what it is: a layer's digest, {@code manifest}, {@code archive}
     * @param status the phase, as people read it: {@code waiting}, {@code downloading}, {@code unpacking}, {@code done}
     * @param doneBytes bytes done so far
     * @param totalBytes bytes in all; 0 if not known
     */
    record Progress(String part, String status, long doneBytes, long totalBytes) {}
}
