package io.tailrace.server.v1;

import com.google.protobuf.ByteString;
import io.tailrace.server.stream.Inbox;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.function.Function;

/** The bytes of an archive that a client sends: its next message is asked for when this one has been read. */
final class ArchiveInput<Q> extends InputStream {
    private final Inbox<Q> inbox;
    private final Function<Q, ByteString> data;
    private ByteString chunk = ByteString.EMPTY;
    private int position;

    /** @param data a message's; throws for a message that has none */
    ArchiveInput(Inbox<Q> inbox, Function<Q, ByteString> data) {
        this.inbox = inbox;
        this.data = data;
    }

    @Override
    public int read() throws InterruptedIOException {
        return fill() ? chunk.byteAt(position++) & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws InterruptedIOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, chunk.size() - position);
        chunk.substring(position, position + count).copyTo(target, offset);
        position += count;
        return count;
    }

    /** Whether there is a byte to read. */
    private boolean fill() throws InterruptedIOException {
        while (position == chunk.size()) {
            Q request;
            try {
                request = inbox.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for the archive");
            }
            if (request == null) {
                return false;
            }
            chunk = data.apply(request);
            position = 0;
        }
        return true;
    }
}
