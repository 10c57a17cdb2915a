package io.tailrace.server.stream;

import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.function.Consumer;

/** Takes the bytes of an archive for a client, no faster than its transport does. For the body of its stream. */
public final class ArchiveOutput extends OutputStream {
    private static final int MESSAGE_BYTES_MAX = 65_536;

    private final ServedStream stream;
    private final Consumer<byte[]> sender;

    /** @param sender is given bytes to keep, and does not wait */
    public ArchiveOutput(ServedStream stream, Consumer<byte[]> sender) {
        this.stream = stream;
        this.sender = sender;
    }

    @Override
    public void write(int value) throws InterruptedIOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws InterruptedIOException {
        stream.setBehind(true);
        for (int at = offset; at < offset + length; at += MESSAGE_BYTES_MAX) {
            try {
                stream.awaitReady();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for the client");
            }
            sender.accept(Arrays.copyOfRange(bytes, at, Math.min(offset + length, at + MESSAGE_BYTES_MAX)));
        }
    }
}
