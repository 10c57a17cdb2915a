package io.tailrace.client;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * A line that a process wrote. Immutable and thread-safe.
 *
 * @param stream it was written to
 * @param timestamp when its end was recorded
 * @param offset of its first byte in the stream
 * @param data its bytes without its end, which is a newline, with or without a carriage return before it; read-only
 */
public record OutputLine(StandardStream stream, Instant timestamp, long offset, ByteBuffer data) {
    /** A view of the bytes with a position of its own, read-only. */
    @Override
    public ByteBuffer data() {
        return data.asReadOnlyBuffer();
    }

    /** The bytes as UTF-8; what is invalid comes out as U+FFFD. */
    public String text() {
        return StandardCharsets.UTF_8.decode(data.duplicate()).toString();
    }
}
