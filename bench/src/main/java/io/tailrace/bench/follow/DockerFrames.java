package io.tailrace.bench.follow;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Docker's framing of stdout and stderr: stream type, three zero bytes, and the length of what follows. */
final class DockerFrames implements Stage {
    private static final int HEADER_BYTES = 8;

    private final Stage content;
    private final ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    private int rest;

    DockerFrames(Stage content) {
        this.content = content;
    }

    @Override
    public void accept(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (rest == 0) {
                header.put(bytes.get());
                if (!header.hasRemaining()) {
                    rest = header.getInt(HEADER_BYTES - Integer.BYTES);
                    header.clear();
                }
                continue;
            }
            int limit = bytes.limit();
            int length = Math.min(rest, bytes.remaining());
            bytes.limit(bytes.position() + length);
            content.accept(bytes);
            bytes.limit(limit);
            rest -= length;
        }
    }

    @Override
    public void end() throws IOException {
        if (rest > 0 || header.position() > 0) {
            throw new EOFException("cut off: ended within a frame");
        }
        content.end();
    }
}
