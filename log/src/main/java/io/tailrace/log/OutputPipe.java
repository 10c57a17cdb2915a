package io.tailrace.log;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** SKELETON: signatures are final. The read end of a FIFO, opened without blocking. */
public final class OutputPipe implements AutoCloseable {
    private OutputPipe() {}

    /** Opens a FIFO for reading, whether or not a writer has it open. */
    public static OutputPipe open(Path fifo) throws IOException {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Closes it; its bytes stay if another process has it open. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Waits on several pipes at once, from a platform thread; wakeup() may be called by any thread. */
    public static final class Poller implements AutoCloseable {
        private Poller() {}

        /** A poller with nothing to wait for yet. */
        public static Poller open() throws IOException {
            throw new UnsupportedOperationException("skeleton");
        }

        /** Waits until one has bytes or its last writer left, a wakeup, or the time is up. @return the ready ones */
        public List<OutputPipe> await(List<OutputPipe> pipes, Duration timeout) throws IOException {
            throw new UnsupportedOperationException("skeleton");
        }

        /** Ends the current or the next {@link #await}. */
        public void wakeup() {
            throw new UnsupportedOperationException("skeleton");
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException("skeleton");
        }
    }
}
