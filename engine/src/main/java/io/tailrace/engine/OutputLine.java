package io.tailrace.engine;

import io.tailrace.log.StdStream;
import java.nio.ByteBuffer;

/**
 * A line of a process's output.
 *
 * @param stream it was written to
 * @param offset of its first byte in the stream
 * @param data its bytes without its end, a newline with or without a carriage return before it; at most
 *     {@link #BYTES_MAX}
 * @param timestampNanos when the record was written that its end stands in
 * @param cursor the place behind it, which may lie within a record
 */
public record OutputLine(StdStream stream, long offset, ByteBuffer data, long timestampNanos, Cursor cursor) {
    /** A longer line is cut. */
    public static final int BYTES_MAX = 64 << 10;
}
