package io.tailrace.client;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.zip.Checksum;

/**
 * One entry of a timeline. Immutable and thread-safe.
 *
 * <p>Sequences are dense, from 1; timestamps have nanoseconds and never decrease within a timeline. The cursor is the
 * place behind the record: {@link FollowOptions#after} takes it to go on from there, in any later process.
 */
public sealed interface TimelineRecord {
    /** Its number in its timeline. */
    long sequence();

    /** When it was recorded. */
    Instant timestamp();

    /** The place behind it. Opaque. */
    String cursor();

    /**
     * A chunk of output, byte for byte as the process wrote it; chunks are cut anywhere, also within a character.
     *
     * @param offset where its first byte stands in its stream, from 0
     * @param data 1 to 65536 bytes, read-only
     */
    record Output(long sequence, Instant timestamp, String cursor, StandardStream stream, long offset, ByteBuffer data)
            implements TimelineRecord {

        /** A view of the bytes with a position of its own, read-only. */
        @Override
        public ByteBuffer data() {
            return data.asReadOnlyBuffer();
        }

        /** Number of bytes. */
        public int length() {
            return data.remaining();
        }

        /** A copy of the bytes. */
        public byte[] bytes() {
            var copy = new byte[data.remaining()];
            data.duplicate().get(copy);
            return copy;
        }

        /** Adds the bytes to a checksum; faster than by way of {@link #data}, which hides the array from it. */
        public void addTo(Checksum checksum) {
            checksum.update(data.duplicate());
        }

        /** Writes the bytes. */
        public void writeTo(OutputStream target) throws IOException {
            if (data.hasArray()) {
                target.write(data.array(), data.arrayOffset() + data.position(), data.remaining());
            } else {
                target.write(bytes());
            }
        }

        /** The bytes as UTF-8; what is cut or invalid comes out as U+FFFD. */
        public String text() {
            return StandardCharsets.UTF_8.decode(data.duplicate()).toString();
        }
    }

    /**
     * A change of state.
     *
     * @param state the state that was entered
     * @param attributes what else the server says about it
     */
    record State(long sequence, Instant timestamp, String cursor, ContainerState state, Map<String, String> attributes)
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
     * @param output what the probe printed, perhaps cut, as UTF-8
     */
    record Health(
            long sequence,
            Instant timestamp,
            String cursor,
            String status,
            int exitCode,
            long durationNanos,
            String output)
            implements TimelineRecord {}

    /**
     * A message to or from the container.
     *
     * @param topic what it is about
     * @param data its content, read-only
     */
    record Message(long sequence, Instant timestamp, String cursor, String topic, ByteBuffer data)
            implements TimelineRecord {
        /** A view of the content with a position of its own, read-only. */
        @Override
        public ByteBuffer data() {
            return data.asReadOnlyBuffer();
        }
    }

    /**
     * Something that is no longer, or never was, in the timeline: the sequences from its own to {@code lastSequence},
     * and the bytes [from, to) of each stream; from equals to where none are missing.
     *
     * @param lastSequence the last sequence it stands for
     * @param reason why: {@code retention}; {@code dropped}, for want of room on the disk; {@code dropped-at-least},
     *     likewise, and up to 65536 bytes more of each stream; {@code lost}; {@code lost-at-least}, by the runtime, nobody knows how many; {@code damaged};
     *     {@code damaged-at-least}, nobody knows how many bytes more of each stream
     */
    record Gap(
            long sequence,
            Instant timestamp,
            String cursor,
            long lastSequence,
            String reason,
            long stdoutFrom,
            long stdoutTo,
            long stderrFrom,
            long stderrTo)
            implements TimelineRecord {
        /** Whether bytes of a stream are missing here, or may be. */
        public boolean isMissing(StandardStream stream) {
            return (stream == StandardStream.STDOUT ? stdoutTo > stdoutFrom : stderrTo > stderrFrom)
                    || reason.endsWith("-at-least");
        }
    }

    /**
     * The end of a process; comes after its last byte of output.
     *
     * @param status how it ended, and what it wrote in all
     */
    record Exit(long sequence, Instant timestamp, String cursor, ExitStatus status) implements TimelineRecord {}
}
