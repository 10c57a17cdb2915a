package io.tailrace.runtime.docker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * What an engine reads back of its log, which may lack the line breaks of lines longer than 16 KiB: Docker 20.10 forgets
 * them. Counts, so that it can be told. Read by one thread; closed by any.
 */
final class DoubtfulLog implements ReadableByteChannel {
    /** As long a line may be for the engine to log it in one piece. */
    private static final int LINE_BYTES_MAX = 16 << 10;

    private final ReadableByteChannel log;
    private int lineBytes;
    private boolean isInDoubt;

    DoubtfulLog(ReadableByteChannel log) {
        this.log = log;
    }

    /** Whether there was a line so long that its end may be missing. */
    boolean isInDoubt() {
        return isInDoubt;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int begin = target.position();
        int count = log.read(target);
        for (int index = begin; index < begin + count; index++) {
            lineBytes = target.get(index) == '\n' ? 0 : lineBytes + 1;
            isInDoubt |= lineBytes >= LINE_BYTES_MAX;
        }
        return count;
    }

    @Override
    public boolean isOpen() {
        return log.isOpen();
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
