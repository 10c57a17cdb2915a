package io.tailrace.bench.follow;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An HTTP/1.1 response: its head, and behind it the body without HTTP's framing. */
final class ResponseHead implements Stage {
    private static final int BYTES_MAX = 16 << 10;
    private static final int STATUS_AT = 9;
    private static final Set<String> STATUSES = Set.of("200", "101");

    private final StringBuilder head = new StringBuilder();
    private final Stage content;
    private final Runnable whenReady;
    private @Nullable Stage body;

    /** @param whenReady is told that the server has answered */
    ResponseHead(Stage content, Runnable whenReady) {
        this.content = content;
        this.whenReady = whenReady;
    }

    @Override
    public void accept(ByteBuffer bytes) throws IOException {
        while (body == null && bytes.hasRemaining()) {
            head.append((char) (bytes.get() & 0xff));
            if (head.length() > BYTES_MAX) {
                throw new IOException("HTTP head: more than " + BYTES_MAX + " bytes");
            }
            if (isComplete()) {
                begin();
            }
        }
        if (body != null && bytes.hasRemaining()) {
            body.accept(bytes);
        }
    }

    private boolean isComplete() {
        int length = head.length();
        return length >= 4
                && head.charAt(length - 1) == '\n'
                && head.substring(length - 4).equals("\r\n\r\n");
    }

    private void begin() throws IOException {
        if (!STATUSES.contains(head.substring(STATUS_AT, STATUS_AT + 3))) {
            throw new IOException("HTTP: \"%s\" (expected: status 200 or 101)"
                    .formatted(head.toString().lines().findFirst().orElse("")));
        }
        boolean isChunked = head.toString().toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked");
        body = isChunked ? new Chunks(content) : content;
        whenReady.run();
    }

    @Override
    public void end() throws IOException {
        if (body == null) {
            throw new EOFException("HTTP head: ended after " + head.length() + " bytes");
        }
        body.end();
    }
}
