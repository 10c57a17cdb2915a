package io.tailrace.bench.follow;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** HTTP/1.1's chunked transfer coding (RFC 9112, section 7.1). The last chunk is the end; trailers are passed over. */
final class Chunks implements Stage {
    private static final int SIZE_DIGITS_MAX = 16;

    private final Stage content;
    private final StringBuilder size = new StringBuilder();
    private long rest;
    /** The line end behind a chunk's bytes, still to come. */
    private int toSkip;

    private boolean hasEnded;

    Chunks(Stage content) {
        this.content = content;
    }

    @Override
    public void accept(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining() && !hasEnded) {
            if (rest > 0) {
                pass(bytes);
            } else if (toSkip > 0) {
                bytes.get();
                toSkip--;
            } else {
                readSize((char) bytes.get());
            }
        }
        bytes.position(bytes.limit());
    }

    private void pass(ByteBuffer bytes) throws IOException {
        int limit = bytes.limit();
        int length = (int) Math.min(rest, bytes.remaining());
        bytes.limit(bytes.position() + length);
        content.accept(bytes);
        bytes.limit(limit);
        rest -= length;
        toSkip = rest == 0 ? 2 : 0;
    }

    private void readSize(char next) throws IOException {
        if (next != '\n') {
            if (size.length() == SIZE_DIGITS_MAX) {
                throw new IOException("chunk size: \"%s\" (expected: fewer digits)".formatted(size));
            }
            size.append(next);
            return;
        }
        rest = Long.parseLong(size.toString().split(";", 2)[0].strip(), 16);
        size.setLength(0);
        if (rest == 0) {
            hasEnded = true;
            content.end();
        }
    }

    @Override
    public void end() throws IOException {
        if (!hasEnded) {
            throw new EOFException("cut off: ended without the last chunk");
        }
    }
}
