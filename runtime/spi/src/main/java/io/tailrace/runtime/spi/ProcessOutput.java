package io.tailrace.runtime.spi;

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
}
