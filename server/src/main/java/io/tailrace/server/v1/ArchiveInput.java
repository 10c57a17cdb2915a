package io.tailrace.server.v1;

import com.google.protobuf.ByteString;
import io.tailrace.api.v1.ImportImageRequest;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import io.tailrace.server.stream.Inbox;
import java.io.InputStream;
import java.io.InterruptedIOException;

/** The bytes of an archive that a client sends: its next message is asked for when this one has been read. */
final class ArchiveInput extends InputStream {
    private final Inbox<ImportImageRequest> inbox;
    private ByteString chunk = ByteString.EMPTY;
    private int position;

    ArchiveInput(Inbox<ImportImageRequest> inbox) {
        this.inbox = inbox;
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
            ImportImageRequest request;
            try {
                request = inbox.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for the archive");
            }
            if (request == null) {
                return false;
            }
            if (request.hasOpen()) {
                throw new EngineException(ErrorCode.INVALID_ARGUMENT, "message: open again (expected: data)");
            }
            chunk = request.getData();
            position = 0;
        }
        return true;
    }
}
