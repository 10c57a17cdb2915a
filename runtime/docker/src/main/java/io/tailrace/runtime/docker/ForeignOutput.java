package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.ProcessOutput;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * One output stream of one run of a container that others made, out of the engine's log, live as well ({@link ForeignReader}).
 * Which byte is next is known by marks ({@link LogMark}), of which one is written now and then for the next server. Where the log
 * keeps nothing, an attached connection brings what comes. Opened by one reader at a time; closed by any thread.
 */
final class ForeignOutput implements ProcessOutput.Source {
    private final ForeignLog log;
    private final String stream;
    private final LogSection section;
    private final ContainerFiles files;
    private volatile boolean isClosed;

    /** Guarded by this. */
    private @Nullable ForeignReader reader;

    ForeignOutput(ForeignLog log, String stream, LogSection section, ContainerFiles files) {
        this.log = log;
        this.stream = stream;
        this.section = section;
        this.files = files;
    }

    @Override
    public synchronized ReadableByteChannel open(long position) throws IOException {
        if (isClosed) {
            throw new ClosedChannelException();
        }
        ForeignReader opened = new ForeignReader(log, stream, section, files, position);
        reader = opened;
        return opened;
    }

    /** Ends reading. */
    void close() {
        isClosed = true;
        synchronized (this) {
            if (reader != null) {
                reader.close();
            }
        }
    }

    /**
     * The run is over, and the log has all of it: it is read to its end instead of followed. The engine goes on with what it
     * lets us follow when the container is started again.
     */
    void endFollowing() {
        ForeignReader current;
        synchronized (this) {
            current = reader;
        }
        if (current != null) {
            current.endFollowing();
        }
    }

    /** Forgets what was written down for the next server. */
    void forget() {
        LogMark.remove(files, stream);
    }
}
