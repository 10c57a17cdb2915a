package io.tailrace.runtime.spi;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;

/** One output stream of a process, read by one reader from beginning to end. */
public sealed interface ProcessOutput {
    /**
     * A named pipe. Bytes wait in the kernel until they are taken, also while nobody has it open for reading; when no
     * writer is left and it is empty, the stream has ended.
     *
     * @param fifo its path; whoever reads opens it
     */
    record Pipe(Path fifo) implements ProcessOutput {}

    /**
     * Bytes that the runtime hands over in memory. A read blocks until there is something; -1 is the end.
     *
     * @param channel read by one thread; closing it ends a blocked read
     */
    record Channel(ReadableByteChannel channel) implements ProcessOutput {}

    /**
     * Bytes that something other than this server keeps, as an engine's own log. They are handed over from any position,
     * so that a server that was killed goes on at the byte behind the last one that it recorded.
     *
     * @param source where they are had
     */
    record Kept(Source source) implements ProcessOutput {}

    /** Hands over the bytes of a stream. */
    @FunctionalInterface
    interface Source {
        /**
         * The bytes from a position on. Reading throws {@link OutputLostException} once where bytes are missing that the
         * runtime cannot give, and goes on behind them. Once at a time for each stream.
         *
         * @param position bytes of the stream, in this run of the process, that were taken before: from 0
         */
        ReadableByteChannel open(long position) throws IOException;
    }
}
