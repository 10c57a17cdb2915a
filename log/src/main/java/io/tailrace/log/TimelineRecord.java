package io.tailrace.log;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;

/**
 * One entry of a timeline. Immutable and thread-safe.
 *
 * <p>Sequences are dense, from 1; timestamps are nanoseconds since the Unix epoch and never decrease within a timeline.
 */
public sealed interface TimelineRecord {
    /** Its number in its timeline. */
    long sequence();

    /** When it was recorded, in ns since the Unix epoch. */
    long timestampNanos();

    /**
     * A chunk of output, byte for byte as the process wrote it; chunks are cut anywhere.
     *
     * @param offset where its first byte stands in its stream
     * @param data 1 to {@link Timeline#OUTPUT_BYTES_MAX} bytes that all readers share: take a
     *     {@code duplicate()} to read, and never write to it. It has an array, so that it can be handed on without a copy
     */
    record Output(long sequence, long timestampNanos, StdStream stream, long offset, ByteBuffer data)
            implements TimelineRecord {}

    /**
     * A change of state.
     *
     * @param state the state that was entered, a word of the log's user
     * @param attributes what else is to be known, at most {@link Timeline#ATTRIBUTES_BYTES_MAX} bytes in all
     */
    record State(long sequence, long timestampNanos, String state, Map<String, String> attributes)
            implements TimelineRecord {
        /** Copies the map. */
        public State {
            attributes = Map.copyOf(attributes);
        }
    }

    /**
     * The result of a health check.
     *
     * @param status the status after it: {@code starting}, {@code healthy}, {@code unhealthy}
     * @param exitCode of the probe; 0 is a success
     * @param durationNanos how long the probe took
     * @param output what the probe printed, cut to {@link Timeline#HEALTH_OUTPUT_BYTES_MAX} bytes
     */
    record Health(
            long sequence, long timestampNanos, String status, int exitCode, long durationNanos, ByteBuffer output)
            implements TimelineRecord {}

    /**
     * A message to or from the container.
     *
     * @param topic what it is about, a word of the log's user
     * @param data its content, at most {@link Timeline#MESSAGE_BYTES_MAX} bytes
     */
    record Message(long sequence, long timestampNanos, String topic, ByteBuffer data) implements TimelineRecord {}

    /**
     * Something that is no longer, or never was, in the timeline. One that stands for trimmed history is made for each
     * reader and takes the sequences {@code sequence} to {@code lastSequence} of what it stands for; one that was
     * recorded (bytes lost before they could be recorded) has a sequence of its own, and both are equal.
     *
     * @param lastSequence the last sequence it stands for
     * @param reason why: {@code retention}, {@code dropped}, {@code lost}, {@code damaged}; those that end in
     *     {@code -at-least} may stand for more bytes than they count
     * @param stdoutFrom first missing offset of stdout
     * @param stdoutTo the offset after the last missing one; equal to {@code stdoutFrom} if nothing is missing
     * @param stderrFrom likewise of stderr
     * @param stderrTo likewise of stderr
     */
    record Gap(
            long sequence,
            long timestampNanos,
            long lastSequence,
            String reason,
            long stdoutFrom,
            long stdoutTo,
            long stderrFrom,
            long stderrTo)
            implements TimelineRecord {
        /** Whether bytes of a stream are missing here, or may be. */
        public boolean isMissing(StdStream stream) {
            return (stream == StdStream.STDOUT ? stdoutTo > stdoutFrom : stderrTo > stderrFrom)
                    || reason.endsWith("-at-least");
        }
    }

    /**
     * The end of a process; comes after its last byte of output. A reader that has all bytes of a stream holds
     * {@code length} bytes whose CRC-32 is {@code crc32}.
     *
     * @param reason why it ended
     * @param exitCode 0 to 255, 128 + n for signal n; -1 if it is not known
     * @param signal the signal that ended it; 0 for none
     * @param stdoutLength all bytes of stdout in this timeline so far, from offset 0
     * @param stdoutCrc32 their CRC-32, as in gzip and zlib (RFC 1952), unsigned
     * @param stderrLength likewise of stderr
     * @param stderrCrc32 likewise of stderr
     * @param message for people; may be empty
     */
    record Exit(
            long sequence,
            long timestampNanos,
            ExitReason reason,
            int exitCode,
            int signal,
            long stdoutLength,
            long stdoutCrc32,
            long stderrLength,
            long stderrCrc32,
            String message)
            implements TimelineRecord {
        /** Refuses null, which nothing here may be. */
        public Exit {
            Objects.requireNonNull(reason);
            Objects.requireNonNull(message);
        }
    }
}
