package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerRuntime;
import io.tailrace.runtime.spi.Image;
import io.tailrace.runtime.spi.Images;
import io.tailrace.runtime.spi.RuntimeInfo;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** SKELETON: signatures are final. All containers of one server. Thread-safe. */
public final class Engine implements AutoCloseable {
    private Engine() {}

    /** Opens the data directory, folds all timelines, and adopts what still runs. */
    public static Engine open(EngineConfig config, ContainerRuntime runtime) {
        throw new UnsupportedOperationException("skeleton");
    }

    /** The runtime underneath. */
    public RuntimeInfo runtime() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** How this engine runs. */
    public EngineConfig config() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Makes a container. A repeated request with the same id and content returns the container it made before. */
    public Container create(NewContainer request) {
        throw new UnsupportedOperationException("skeleton");
    }

    /**
     * The container that an id, an unambiguous prefix of one, or a name stands for; removed ones within retention
     * included, by id (or by name if no other took it). NOT_FOUND; INVALID_ARGUMENT if a prefix is ambiguous.
     */
    public Container container(String reference) {
        throw new UnsupportedOperationException("skeleton");
    }

    /** All containers, newest first. @param includeRemoved also removed ones within retention */
    public List<Container> containers(boolean includeRemoved) {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Reads the feed. @param after null: from now on; sequence 0: from the oldest record it has */
    public FeedSubscription feed(@Nullable Cursor after) {
        throw new UnsupportedOperationException("skeleton");
    }

    /** All images. */
    public List<Image> images() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** One image. NOT_FOUND. */
    public Image image(String reference) {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Fetches an image. */
    public Image pullImage(String reference, Images.ProgressListener progress) {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Loads images. */
    public List<Image> importImages(InputStream archive, String reference, Images.ProgressListener progress) {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Removes an image; used by a container: FAILED_PRECONDITION unless forced. */
    public void removeImage(String reference, boolean force) {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Stops capturing and closes timelines; containers run on and wait on their pipes until a server adopts them. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("skeleton");
    }
}
