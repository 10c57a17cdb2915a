package io.tailrace.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Passes TCP on to a port, and cuts each connection when so many bytes of the answer have passed. */
final class CuttingProxy implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final int target;
    private final long upstreamBytesMax;
    private final long downstreamBytesMax;

    /** @param upstreamBytesMax bytes of the client that pass on one connection, @param downstreamBytesMax of the server */
    CuttingProxy(int target, long upstreamBytesMax, long downstreamBytesMax) throws IOException {
        this.target = target;
        this.upstreamBytesMax = upstreamBytesMax;
        this.downstreamBytesMax = downstreamBytesMax;
        Thread.ofVirtual().start(this::accept);
    }

    String address() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    int connections() {
        return connections.get();
    }

    private void accept() {
        try {
            while (true) {
                var client = listener.accept();
                var server = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.addAll(List.of(client, server));
                connections.incrementAndGet();
                Thread.ofVirtual().start(() -> pass(client, server, upstreamBytesMax));
                Thread.ofVirtual().start(() -> pass(server, client, downstreamBytesMax));
            }
        } catch (IOException closed) {
            // The end of the test.
        }
    }

    private static void pass(Socket from, Socket to, long bytesMax) {
        try (from;
                to) {
            var buffer = new byte[8192];
            long left = bytesMax;
            while (left > 0) {
                int count = from.getInputStream().read(buffer, 0, (int) Math.min(buffer.length, left));
                if (count < 0) {
                    return;
                }
                to.getOutputStream().write(buffer, 0, count);
                left -= count;
            }
        } catch (IOException cut) {
            // By the other direction.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (var socket : sockets) {
            socket.close();
        }
    }
}
