package io.tailrace.engine;

import io.tailrace.log.StdStream;
import io.tailrace.runtime.spi.TerminalSize;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The init process of a container or one of its execs: what they have in common. Thread-safe.
 */
public interface ContainerProcess {
    /** The id of its timeline: the container's id, or {@code containerId/execId}. */
    String timelineId();

    /** Where it stands; a snapshot. */
    ProcessStatus status();

    /** What is wrong with it now, for people, such as output that waits for a full disk; empty if nothing is. */
    String problem();

    /** Reads its timeline, also long after its end. */
    Subscription subscribe(SubscriptionRequest request);

    /**
     * Waits for a line that matches. A line that the process did not end before its exit ends there; over a restart that
     * its policy brings the wait goes on.
     *
     * @throws EngineException INVALID_ARGUMENT for a pattern that is none, INVALID_CURSOR; DEADLINE_EXCEEDED when the time is
     *     up; FAILED_PRECONDITION when the process has ended without it
     */
    OutputLine awaitLine(LineRequest request) throws InterruptedException;

    /** Bytes of a stream recorded so far. */
    long streamLength(StdStream stream);

    /** Offset of the first byte of a stream that was recorded at a time or later; the stream's length if there is none. */
    long offsetAtTime(StdStream stream, Instant time);

    /**
     * Offset of the last lines of a stream that are there; a last line without its end is one. 0: the stream's length.
     *
     * @param until counts those that were recorded at this time at the latest; null: all
     */
    long offsetOfLastLines(StdStream stream, long lines, @Nullable Instant until);

    /**
     * Writes to its stdin at an offset: bytes before {@link #stdinOffset} were taken already and are skipped, so that a
     * client that was cut off may send again. Blocks while the process does not read.
     *
     * @param offset position of the first byte; must not lie beyond {@link #stdinOffset}
     * @return the offset behind the last byte taken
     * @throws EngineException FAILED_PRECONDITION if it has no stdin, it was closed, or the process is gone
     */
    long writeStdin(long offset, ByteBuffer data) throws InterruptedException;

    /** Bytes of stdin taken so far. */
    long stdinOffset();

    /** Ends its stdin. Again, or without one: nothing. */
    void closeStdin();

    /** Changes its terminal's size. Without a terminal: FAILED_PRECONDITION. */
    void resize(TerminalSize size);

    /** Sends it a signal. Not running: FAILED_PRECONDITION. */
    void signal(Signal signal);
}
