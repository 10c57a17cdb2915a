package io.tailrace.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;

/** SKELETON: signatures are final, bodies are being written. Thread-safe. One writer process at a time (file lock). */
public final class Timeline implements AutoCloseable {
    /** Most bytes of one Output record; also the frame size that doors send. */
    public static final int OUTPUT_BYTES_MAX = 64 << 10;
    /** Most bytes of a State's attributes, encoded. */
    public static final int ATTRIBUTES_BYTES_MAX = 1 << 20;
    /** Most bytes of a health probe's output that are kept (as Docker keeps). */
    public static final int HEALTH_OUTPUT_BYTES_MAX = 4 << 10;
    /** Most bytes of a message. */
    public static final int MESSAGE_BYTES_MAX = 1 << 20;
    /** Most bytes of a checkpoint. */
    public static final int CHECKPOINT_BYTES_MAX = 4 << 20;

    private Timeline() {}

    /** Makes a new timeline in a directory that does not exist or is empty. */
    public static Timeline create(Path directory, TimelineConfig config) throws IOException {
        throw new UnsupportedOperationException("skeleton");
    }

    /**
     * Opens a timeline for writing and reading; recovers it first: scan, validate, truncate; output that a killed
     * server had taken from a pipe and not yet sealed is sealed.
     */
    public static Timeline open(Path directory, TimelineConfig config) throws IOException {
        throw new UnsupportedOperationException("skeleton");
    }

    /** What recovery found, for logs and tests. */
    public Recovery recovery() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** The checkpoint in the newest segment's header (the oldest state from which records must be folded). */
    public byte[] checkpoint() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** The sequence of the first record of the newest segment: fold records from here onto {@link #checkpoint}. */
    public long checkpointSequence() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Appends output; cut into records of at most OUTPUT_BYTES_MAX. Takes all remaining bytes. @return last sequence */
    public long appendOutput(StdStream stream, ByteBuffer data) throws IOException {
        throw new UnsupportedOperationException("skeleton");
    }

    /**
     * Moves at most OUTPUT_BYTES_MAX bytes from a pipe into one Output record, without a window in which a killed
     * server loses them.
     *
     * @return bytes moved; 0 if the pipe has none now but still has writers; -1 if it is empty and has no writer
     */
    public int appendFrom(StdStream stream, OutputPipe pipe) throws IOException {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Appends a State record. @return its sequence */
    public long appendState(String state, Map<String, String> attributes) throws IOException {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Appends a Health record. @return its sequence */
    public long appendHealth(String status, int exitCode, long durationNanos, ByteBuffer output) throws IOException {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Appends a Message record. @return its sequence */
    public long appendMessage(String topic, ByteBuffer data) throws IOException {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Appends a Gap: this many bytes of a stream were lost; advances its offset. @return its sequence */
    public long appendGap(String reason, StdStream stream, long lostBytes) throws IOException {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Appends an Exit; lengths and checksums are the timeline's own. */
    public TimelineRecord.Exit appendExit(ExitReason reason, int exitCode, int signal, String message)
            throws IOException {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Sequence of the oldest record still there; lastSequence()+1 if there is none. */
    public long firstSequence() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Sequence of the newest record; 0 if there is none. */
    public long lastSequence() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Bytes of a stream recorded so far. */
    public long streamLength(StdStream stream) {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Bytes on disk. */
    public long sizeBytes() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** A reader whose first record is the one with this sequence (a Gap if trimmed; waits if beyond the end). */
    public TimelineReader read(long fromSequence) throws IOException {
        throw new UnsupportedOperationException("skeleton");
    }

    /**
     * The sequence from which a reader sees a stream from an offset on: that of the record holding the byte, of the
     * next output of the stream if it is at its end, or the first one if trimmed.
     */
    public long sequenceOfOffset(StdStream stream, long offset) throws IOException {
        throw new UnsupportedOperationException("skeleton");
    }

    /** The sequence of the first record at or after a time; lastSequence()+1 if there is none. */
    public long sequenceAtTime(long timestampNanos) throws IOException {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Deletes what retention allows now; readers in the middle of it are not cut off. @return bytes freed */
    public long trim() throws IOException {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Ends writing and wakes waiting readers, which then see the end. */
    @Override
    public void close() throws IOException {
        throw new UnsupportedOperationException("skeleton");
    }

    /**
     * What recovery found.
     *
     * @param sealedBytes output bytes that a killed server had not yet sealed and that were kept
     * @param droppedBytes bytes of the tail that were not valid and were cut off
     * @param detail for people: file and reason; empty if all was well
     */
    public record Recovery(long sealedBytes, long droppedBytes, String detail) {}
}
