package io.tailrace.runtime.docker;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One connection, one HTTP/1.1 request, one response; or, after an upgrade, bytes in both directions. Closing it ends
 * what blocks in it. One thread reads, another may write.
 */
final class HttpConnection implements ReadableByteChannel {
    private static final int BUFFER_BYTES = 16 << 10;
    private static final int LINE_BYTES_MAX = 8 << 10;
    private static final int HEADERS_MAX = 100;
    private static final int SEND_BYTES = 64 << 10;
    private static final long UNTIL_END = Long.MAX_VALUE;
    private static final byte[] LINE_END = "\r\n".getBytes(StandardCharsets.US_ASCII);

    private final SocketChannel channel;
    private final ByteBuffer buffered = ByteBuffer.allocate(BUFFER_BYTES).flip();
    private @Nullable Selector selector;

    /** Bytes of the body, or of its current chunk, that were not read. */
    private long remaining;

    private final Map<String, String> headers = new HashMap<>();
    private boolean isChunked;
    private boolean isFirstChunk;
    private boolean isEnded;

    /** Why the rest of the request was not taken; null if it was. */
    private @Nullable IOException unsent;

    private HttpConnection(SocketChannel channel) {
        this.channel = channel;
    }

    static HttpConnection open(Endpoint endpoint) throws IOException {
        SocketChannel channel = SocketChannel.open(endpoint.address());
        if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        }
        return new HttpConnection(channel);
    }

    /** Sends a request with a body of known length. */
    void send(String method, String target, Map<String, String> sent, byte[] body) throws IOException {
        String length = body.length == 0 && (method.equals("GET") || method.equals("HEAD"))
                ? ""
                : "Content-Length: " + body.length + "\r\n";
        sendHead(method, target, sent, length);
        sendAll(ByteBuffer.wrap(body));
    }

    /** Sends a request with a body of unknown length. */
    void send(String method, String target, Map<String, String> sent, InputStream body) throws IOException {
        sendHead(method, target, sent, "Transfer-Encoding: chunked\r\n");
        byte[] chunk = new byte[SEND_BYTES];
        for (int count = body.read(chunk); count >= 0 && unsent == null; count = body.read(chunk)) {
            if (count > 0) {
                sendAll(ByteBuffer.wrap(
                        (HexFormat.of().toHexDigits(count) + "\r\n").getBytes(StandardCharsets.US_ASCII)));
                sendAll(ByteBuffer.wrap(chunk, 0, count));
                sendAll(ByteBuffer.wrap(LINE_END));
            }
        }
        sendAll(ByteBuffer.wrap("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
    }

    private void sendHead(String method, String target, Map<String, String> sent, String bodyHeader)
            throws IOException {
        StringBuilder head = new StringBuilder("%s %s HTTP/1.1\r\nHost: docker\r\n".formatted(method, target));
        sent.forEach((name, value) -> head.append("%s: %s\r\n".formatted(name, value)));
        head.append(bodyHeader).append("\r\n");
        sendAll(ByteBuffer.wrap(head.toString().getBytes(StandardCharsets.UTF_8)));
    }

    /** An engine that answers and closes before it has all of a request still has its answer read. */
    private void sendAll(ByteBuffer bytes) throws IOException {
        try {
            while (bytes.hasRemaining() && unsent == null) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            if (!channel.isOpen()) {
                throw e;
            }
            unsent = e;
        }
    }

    /** Reads the head of the response; what follows is read from this channel until it says that it has ended. */
    int readStatus() throws IOException {
        try {
            return readHead();
        } catch (IOException e) {
            if (unsent == null) {
                throw e;
            }
            unsent.addSuppressed(e);
            throw unsent;
        }
    }

    private int readHead() throws IOException {
        String[] status = readLine().split(" ", 3);
        if (status.length < 2 || !status[0].startsWith("HTTP/1.") || !status[1].matches("[1-5][0-9][0-9]")) {
            throw new IOException("not an HTTP response: " + String.join(" ", status));
        }
        int code = Integer.parseInt(status[1]);
        remaining = UNTIL_END;
        for (int count = 0; ; count++) {
            String line = readLine();
            if (line.isEmpty()) {
                break;
            }
            if (count == HEADERS_MAX) {
                throw new IOException("a response with more than %d headers".formatted(HEADERS_MAX));
            }
            readHeader(line);
        }
        if (code == 204 || code == 304) {
            isChunked = false;
            remaining = 0;
        }
        if (isChunked) {
            remaining = 0;
            isFirstChunk = true;
        } else {
            isEnded = remaining == 0;
        }
        return code;
    }

    private void readHeader(String line) throws IOException {
        int colon = line.indexOf(':');
        String name = colon < 0 ? line : line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
        String value = line.substring(colon + 1).strip();
        headers.put(name, value);
        if (name.equals("transfer-encoding") && value.equalsIgnoreCase("chunked")) {
            isChunked = true;
        } else if (name.equals("content-length") && !isChunked) {
            remaining = number(value, 10);
        }
    }

    /** A header of the response; empty if it has none of that name. @param name in lower case */
    String header(String name) {
        return headers.getOrDefault(name, "");
    }

    private void nextChunk() throws IOException {
        String line = readLine();
        int extension = line.indexOf(';');
        remaining = number((extension < 0 ? line : line.substring(0, extension)).strip(), 16);
        if (remaining == 0) {
            isEnded = true;
        }
    }

    private static long number(String digits, int radix) throws IOException {
        try {
            long number = Long.parseLong(digits, radix);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // As a negative one.
        }
        throw new IOException("a length in a response: %s (expected: a number)".formatted(digits));
    }

    private String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            if (!buffered.hasRemaining()) {
                buffered.clear();
                int count = receive(buffered);
                buffered.flip();
                if (count < 0) {
                    throw new EOFException("the connection ended within a response");
                }
            }
            char next = (char) (buffered.get() & 0xff);
            if (next == '\n') {
                int end = line.length();
                return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
            }
            if (line.length() == LINE_BYTES_MAX) {
                throw new IOException("a line of more than %d bytes in a response".formatted(LINE_BYTES_MAX));
            }
            line.append(next);
        }
    }

    /** Blocks until there is something; -1 at the end of the body, or of the connection where nothing else ends it. */
    @Override
    public int read(ByteBuffer target) throws IOException {
        if (!target.hasRemaining()) {
            return 0;
        }
        if (remaining == 0 && !isEnded) {
            // Not before there is a reader for it: the next chunk may be long in coming.
            if (!isFirstChunk) {
                readLine(); // that of the chunk before
            }
            isFirstChunk = false;
            nextChunk();
        }
        if (isEnded) {
            return -1;
        }
        int limit = target.limit();
        if (target.remaining() > remaining) {
            target.limit(target.position() + (int) remaining);
        }
        int count;
        try {
            count = take(target);
        } finally {
            target.limit(limit);
        }
        if (count < 0) {
            if (remaining != UNTIL_END) {
                throw new EOFException("the connection ended within a response");
            }
            isEnded = true;
            return -1;
        }
        if (remaining != UNTIL_END) {
            remaining -= count;
            isEnded = remaining == 0 && !isChunked;
        }
        return count;
    }

    /** Whether more of the body is here already, at least the beginning of a chunk. */
    boolean hasMore() {
        return buffered.remaining() > LINE_END.length;
    }

    /** What follows, up to so many bytes or to its end, which is waited for; it can still be read. Of an upgraded connection. */
    ByteBuffer peek(int bytes) throws IOException {
        int count = 0;
        while (buffered.remaining() < bytes && count >= 0) {
            buffered.compact();
            try {
                count = receive(buffered);
            } finally {
                buffered.flip();
            }
        }
        return buffered.slice(buffered.position(), Math.min(bytes, buffered.remaining()));
    }

    /** What is buffered first, then straight from the socket. */
    private int take(ByteBuffer target) throws IOException {
        if (!buffered.hasRemaining()) {
            return receive(target);
        }
        int count = Math.min(buffered.remaining(), target.remaining());
        target.put(target.position(), buffered, buffered.position(), count);
        target.position(target.position() + count);
        buffered.position(buffered.position() + count);
        return count;
    }

    private int receive(ByteBuffer target) throws IOException {
        int count = channel.read(target);
        while (count == 0 && selector != null) {
            selector.select();
            selector.selectedKeys().clear();
            count = channel.read(target);
        }
        return count;
    }

    /** From now on {@link #tryWrite} does not block; reading still does. Before anybody else reads. */
    void makeWritable() throws IOException {
        channel.configureBlocking(false);
        selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
    }

    /** Writes what the socket takes now, perhaps nothing. */
    int tryWrite(ByteBuffer source) throws IOException {
        return channel.write(source);
    }

    /** Tells the other side that no more will come. */
    void endWriting() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Selector waiting = selector;
        if (waiting != null) {
            waiting.close();
        }
    }
}
