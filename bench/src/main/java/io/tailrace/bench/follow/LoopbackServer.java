package io.tailrace.bench.follow;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Writes the same bytes to any number of TCP connections, one after the other: the least that a server can do. */
public final class LoopbackServer implements AutoCloseable {
    private final ServerSocketChannel listener;
    private final List<SocketChannel> clients = new ArrayList<>();

    private LoopbackServer(ServerSocketChannel listener) {
        this.listener = listener;
    }

    /** Listens on a port of its own. @param backlog connections that may wait to be accepted */
    public static LoopbackServer open(int backlog) throws IOException {
        return new LoopbackServer(
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), backlog));
    }

    /** Where it is. */
    public InetSocketAddress address() throws IOException {
        return (InetSocketAddress) listener.getLocalAddress();
    }

    /** Accepts connections that were made. */
    public void accept(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            clients.add(listener.accept());
        }
    }

    /** Writes to all. Blocks while one of them has no room. */
    public void write(byte[] bytes) throws IOException {
        for (SocketChannel client : clients) {
            for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
                client.write(rest);
            }
        }
    }

    /** Tells all that nothing more comes. */
    public void finish() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
    }

    @Override
    public void close() throws IOException {
        finish();
        listener.close();
    }
}
