package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.OutputLostException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.concurrent.CompletableFuture;

/** An output of which nothing can be had: says that bytes are lost, and ends with the process. Read by one thread. */
final class LostOutput implements ReadableByteChannel {
    private final String why;
    private final CompletableFuture<?> exit;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private boolean isTold;

    /** @param exit of the process */
    LostOutput(String why, CompletableFuture<?> exit) {
        this.why = why;
        this.exit = exit;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (!isTold) {
            isTold = true;
            throw new OutputLostException(why);
        }
        CompletableFuture.anyOf(exit, closed).join();
        return -1;
    }

    @Override
    public boolean isOpen() {
        return !closed.isDone();
    }

    @Override
    public void close() {
        closed.complete(null);
    }
}
