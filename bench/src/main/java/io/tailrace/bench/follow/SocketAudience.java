package io.tailrace.bench.follow;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Followers with a connection each, all read by one platform thread: as little work for each as a client can have, and
 * the same for whatever they are connected to. The thread ends with {@link #close}.
 */
public final class SocketAudience extends Audience {
    private static final int BUFFER_BYTES = 256 << 10;

    private final SocketAddress address;
    private final String request;
    private final Selector selector;
    private final Thread thread;
    private final List<Connection> connections = new ArrayList<>();
    private volatile boolean isClosed;

    private record Connection(SocketChannel channel, Stage stage, Follower follower) {}

    /** What is in the bodies of responses. */
    public enum Content {
        /** Output as it is. */
        RAW,
        /** Docker's frames of output. */
        DOCKER_FRAMES,
        /** Events of a timeline. */
        EVENTS
    }

    private SocketAudience(SocketAddress address, String request, int size, int stampedLines) throws IOException {
        super(IntStream.range(0, size)
                .mapToObj(any -> new Follower(stampedLines))
                .toList());
        this.address = address;
        this.request = request;
        selector = Selector.open();
        thread = Thread.ofPlatform().name("followers").unstarted(this::run);
    }

    /**
     * Connects all and asks on each connection; returns before they are answered.
     *
     * @param requests are sent in turn, one on each connection
     */
    public static SocketAudience request(
            SocketAddress address, List<String> requests, Content content, int size, int stampedLines)
            throws IOException {
        SocketAudience audience = new SocketAudience(address, requests.getFirst(), size, stampedLines);
        try {
            for (int i = 0; i < size; i++) {
                Follower follower = audience.follower(i);
                Stage stage = new ResponseHead(decoder(content, follower), follower::ready);
                SocketChannel channel = connect(address, requests.get(i % requests.size()));
                audience.add(new Connection(channel, stage, follower));
            }
            audience.thread.start();
            return audience;
        } catch (IOException | RuntimeException e) {
            audience.close();
            throw e;
        }
    }

    /** Connects all; what arrives is output from the first byte on. */
    public static SocketAudience raw(SocketAddress address, int size, int stampedLines) throws IOException {
        SocketAudience audience = new SocketAudience(address, "", size, stampedLines);
        try {
            for (int i = 0; i < size; i++) {
                Follower follower = audience.follower(i);
                audience.add(new Connection(connect(address, ""), follower, follower));
                follower.ready();
            }
            audience.thread.start();
            return audience;
        } catch (IOException | RuntimeException e) {
            audience.close();
            throw e;
        }
    }

    private static Stage decoder(Content content, Follower follower) {
        return switch (content) {
            case RAW -> follower;
            case DOCKER_FRAMES -> new DockerFrames(follower);
            case EVENTS -> new Events(follower);
        };
    }

    /** A blocking connection on which something was asked. */
    static SocketChannel connect(SocketAddress address, String request) throws IOException {
        SocketChannel channel = address instanceof UnixDomainSocketAddress
                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                : SocketChannel.open();
        try {
            channel.connect(address);
            ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** More connections with the first request, which read slowly or not at all. @param stalled how many never read */
    public SlowReaders slowReaders(int stalled, int slow, int bytesPerSecond) throws IOException {
        return SlowReaders.open(address, request, stalled, slow, bytesPerSecond);
    }

    /** A GET request that asks for the connection's end behind the answer. */
    public static String get(InetSocketAddress server, String path) {
        return "GET %s HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\n\r\n"
                .formatted(path, server.getHostString(), server.getPort());
    }

    private void add(Connection connection) throws IOException {
        connections.add(connection);
        connection.channel().configureBlocking(false);
        connection.channel().register(selector, SelectionKey.OP_READ, connection);
    }

    private void run() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        try {
            while (!isClosed) {
                selector.select(key -> read(key, buffer));
            }
        } catch (IOException e) {
            connections.forEach(connection -> connection.follower().fail(e.toString()));
        }
    }

    private static void read(SelectionKey key, ByteBuffer buffer) {
        Connection connection = (Connection) key.attachment();
        try {
            int length = connection.channel().read(buffer.clear());
            if (length < 0) {
                key.cancel();
                connection.stage().end();
            } else {
                connection.stage().accept(buffer.flip());
            }
        } catch (IOException | RuntimeException e) {
            key.cancel();
            connection.follower().fail(e.toString());
        }
    }

    @Override
    public void close() {
        isClosed = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (AutoCloseable part : parts()) {
            try {
                part.close();
            } catch (Exception e) {
                throw new FollowException("closing a follower: " + e, e);
            }
        }
    }

    private List<AutoCloseable> parts() {
        List<AutoCloseable> parts = new ArrayList<>();
        connections.forEach(connection -> parts.add(connection.channel()));
        parts.add(selector);
        return parts;
    }
}
