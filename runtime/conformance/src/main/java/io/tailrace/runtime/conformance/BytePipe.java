package io.tailrace.runtime.conformance;

import io.tailrace.runtime.spi.ProcessOutput;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One output stream of a scripted process: bounded, and a writer waits while it is full. Thread-safe. */
interface BytePipe {
    /** Writes all of it; waits for room. */
    void write(ByteBuffer source) throws IOException, InterruptedException;

    /** Ends the stream: readers see the end once they have read what is in it. */
    void closeWriter();

    /** The reading end for one connection to the machine; what earlier ones left unread comes first. */
    ProcessOutput connect();

    /** Ends a reading end that {@link #connect} gave; what it has not read stays. */
    void disconnect(ProcessOutput output);

    /** Forgets everything. */
    void destroy();
}
