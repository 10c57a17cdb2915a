package io.tailrace.runtime.docker;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * One output stream out of a connection that brings frames, or, with a terminal, plain bytes. A Docker Engine sends those of the
 * stream that was asked for, Podman those of both. The bytes go from the socket to the reader's buffer. Read by one thread;
 * closed by any.
 */
final class OutputFrames implements ReadableByteChannel {
    private static final int OTHERS_BYTES = 4 << 10;

    private final EngineClient client;
    private final HttpConnection connection;
    private final int stream;
    private final boolean isRaw;
    private final ByteBuffer header = ByteBuffer.allocate(FrameHeader.BYTES);
    private final ByteBuffer others = ByteBuffer.allocate(OTHERS_BYTES);
    private long remaining;

    /** @param stream {@code stdout} or {@code stderr} */
    OutputFrames(EngineClient client, HttpConnection connection, String stream, boolean isRaw) {
        this.client = client;
        this.connection = connection;
        this.stream = FrameHeader.stream(stream);
        this.isRaw = isRaw;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (isRaw) {
            return connection.read(target);
        }
        while (remaining == 0) {
            if (!FrameHeader.read(connection, header)) {
                return -1;
            }
            remaining = FrameHeader.length(header);
            int its = FrameHeader.stream(header);
            if (its == FrameHeader.FAILURE) {
                throw new IOException("the engine: " + words());
            }
            if (its != stream) {
                skip();
            }
        }
        return readFrame(target);
    }

    private int readFrame(ByteBuffer target) throws IOException {
        int limit = target.limit();
        if (target.remaining() > remaining) {
            target.limit(target.position() + (int) remaining);
        }
        try {
            int count = connection.read(target);
            if (count < 0) {
                throw new EOFException("the connection ended within a frame");
            }
            remaining -= count;
            return count;
        } finally {
            target.limit(limit);
        }
    }

    /** The rest of a frame of the other stream, which its own connection brings as well. */
    private void skip() throws IOException {
        while (remaining > 0) {
            others.clear();
            int count = readFrame(others);
            assert count >= 0;
        }
    }

    private String words() throws IOException {
        ByteBuffer words = ByteBuffer.allocate((int) Math.min(remaining, FrameHeader.WORDS_MAX));
        while (words.hasRemaining() && connection.read(words) >= 0) {
            // More may come.
        }
        return new String(words.array(), 0, words.position(), StandardCharsets.UTF_8).strip();
    }

    /** Whether more is here already, of either stream. */
    boolean hasMore() {
        return connection.hasMore();
    }

    @Override
    public boolean isOpen() {
        return connection.isOpen();
    }

    @Override
    public void close() {
        client.end(connection);
    }
}
