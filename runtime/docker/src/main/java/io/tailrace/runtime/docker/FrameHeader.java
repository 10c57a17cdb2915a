package io.tailrace.runtime.docker;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** What stands before each piece of output where there are two streams: the stream, three zeros, a length of 4 bytes. */
final class FrameHeader {
    static final int BYTES = 8;
    static final int STDOUT = 1;
    static final int STDERR = 2;

    /** The engine's own words about what went wrong. */
    static final int FAILURE = 3;

    /** As many bytes of its words are read. */
    static final int WORDS_MAX = 4 << 10;

    private static final long UNSIGNED = 0xffff_ffffL;
    private static final int LENGTH_AT = 4;

    private FrameHeader() {}

    /** Reads the next one. @return whether there was one */
    static boolean read(HttpConnection connection, ByteBuffer header) throws IOException {
        header.clear();
        while (header.hasRemaining()) {
            if (connection.read(header) < 0) {
                if (header.position() == 0) {
                    return false;
                }
                throw new EOFException("the connection ended within the header of a frame");
            }
        }
        if (header.get(0) < 0 || header.get(0) > FAILURE || header.get(1) != 0) {
            throw new IOException("a frame of stream %d (expected: 0 to %d)".formatted(header.get(0), FAILURE));
        }
        return true;
    }

    /** Which stream; 0, which is stdin's echo, counts as stdout. */
    static int stream(ByteBuffer header) {
        return header.get(0) == 0 ? STDOUT : header.get(0);
    }

    /** @param name {@code stdout} or {@code stderr} */
    static int stream(String name) {
        return name.equals("stderr") ? STDERR : STDOUT;
    }

    static long length(ByteBuffer header) {
        return header.getInt(LENGTH_AT) & UNSIGNED;
    }
}
