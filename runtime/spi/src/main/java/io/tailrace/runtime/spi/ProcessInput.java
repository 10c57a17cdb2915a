package io.tailrace.runtime.spi;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The standard input of a process. One writer at a time. */
public interface ProcessInput {
    /**
     * Hands over as much as the process's pipe takes, at least one byte; blocks while it takes none. Bytes beyond the
     * pipe's capacity wait at the caller, so a process that does not read slows its writer and nobody else.
     *
     * @return how many bytes were taken from the buffer
     * @throws IOException if the process no longer has its stdin open, or {@link #closeStdin} was called
     * @throws InterruptedException if the waiting thread is interrupted
     */
    int write(ByteBuffer source) throws IOException, InterruptedException;

    /** Ends the stream: once it has read what was written, the process sees end of file. Closing again does nothing. */
    void closeStdin() throws IOException;
}
