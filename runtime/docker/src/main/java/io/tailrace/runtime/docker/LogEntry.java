package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.OutputLostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * An entry of the log driver {@code local}: a line, or a piece of a long one. In the file each is a protobuf message
 * between its length and its length once more, 4 bytes each.
 *
 * @param stream {@code stdout} or {@code stderr}
 * @param nanos when, in nanoseconds since the epoch; for all pieces of a line, its first's
 * @param line without its line break; valid until the buffer it was taken from is read on
 * @param endsLine whether a line break followed: the pieces of a line before its last have none, nor has output that ended
 *     without
 */
record LogEntry(String stream, long nanos, ByteBuffer line, boolean endsLine) {
    /** Of each of the lengths around an entry. */
    static final int FRAME_BYTES = 4;

    /** As long as the engine's own reader takes one for. */
    private static final int BYTES_MAX = 1_000_000;

    private static final int WIRE_BITS = 3;
    private static final int WIRE_MASK = 7;
    private static final int WIRE_VARINT = 0;
    private static final int WIRE_BYTES = 2;
    private static final int SOURCE = 1;
    private static final int TIME = 2;
    private static final int LINE = 3;
    private static final int IS_PIECE = 4;
    private static final int PIECE = 5;
    private static final int PIECE_IS_LAST = 1;

    /** How long the entry is that begins at a buffer's position. */
    static int length(ByteBuffer buffer) throws OutputLostException {
        int length = buffer.getInt(buffer.position());
        if (length < 0 || length > BYTES_MAX) {
            throw damaged("an entry of %d bytes (expected: 0 to %d)".formatted(length, BYTES_MAX));
        }
        return length;
    }

    /** Takes an entry that is in a buffer as a whole, with the lengths around it. */
    static LogEntry take(ByteBuffer buffer, int length) throws OutputLostException {
        int begin = buffer.position() + FRAME_BYTES;
        int after = buffer.getInt(begin + length);
        if (after != length) {
            throw damaged("an entry of %d bytes ends as one of %d".formatted(length, after));
        }
        buffer.position(begin + length + FRAME_BYTES);
        return parse(buffer.slice(begin, length));
    }

    private static LogEntry parse(ByteBuffer message) throws OutputLostException {
        String stream = "";
        long nanos = 0;
        ByteBuffer line = ByteBuffer.allocate(0);
        boolean isPiece = false;
        boolean isLast = false;
        while (message.hasRemaining()) {
            long tag = varint(message);
            long value = value(message, (int) tag & WIRE_MASK);
            switch ((int) (tag >>> WIRE_BITS)) {
                case SOURCE ->
                    stream =
                            StandardCharsets.UTF_8.decode(bytes(message, value)).toString();
                case TIME -> nanos = value;
                case LINE -> line = bytes(message, value);
                case IS_PIECE -> isPiece = value != 0;
                case PIECE -> isLast = isLast(bytes(message, value));
                default -> {
                    if (((int) tag & WIRE_MASK) == WIRE_BYTES) {
                        bytes(message, value);
                    }
                }
            }
        }
        return new LogEntry(stream, nanos, line, !isPiece || isLast);
    }

    private static boolean isLast(ByteBuffer piece) throws OutputLostException {
        boolean isLast = false;
        while (piece.hasRemaining()) {
            long tag = varint(piece);
            int wire = (int) tag & WIRE_MASK;
            long value = value(piece, wire);
            if (wire == WIRE_BYTES) {
                bytes(piece, value);
            } else if (tag >>> WIRE_BITS == PIECE_IS_LAST) {
                isLast = value != 0;
            }
        }
        return isLast;
    }

    /** A number, or the length of the bytes that follow. */
    private static long value(ByteBuffer message, int wire) throws OutputLostException {
        if (wire != WIRE_VARINT && wire != WIRE_BYTES) {
            throw damaged("a field of type %d (expected: %d or %d)".formatted(wire, WIRE_VARINT, WIRE_BYTES));
        }
        return varint(message);
    }

    private static ByteBuffer bytes(ByteBuffer message, long length) throws OutputLostException {
        if (length < 0 || length > message.remaining()) {
            throw damaged("a field of %d bytes (expected: %d at most)".formatted(length, message.remaining()));
        }
        ByteBuffer bytes = message.slice(message.position(), (int) length);
        message.position(message.position() + (int) length);
        return bytes;
    }

    private static long varint(ByteBuffer message) throws OutputLostException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE && message.hasRemaining(); shift += Byte.SIZE - 1) {
            byte next = message.get();
            value |= (long) (next & Byte.MAX_VALUE) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw damaged("a number without an end");
    }

    private static OutputLostException damaged(String what) {
        return new OutputLostException("the engine's log is damaged: " + what);
    }
}
