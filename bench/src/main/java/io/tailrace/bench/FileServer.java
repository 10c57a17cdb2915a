package io.tailrace.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file over loopback HTTP by sendfile(2): as fast as bytes can come from a disk's cache over a socket. One platform
 * thread serves one request after the other, until {@link #close}.
 */
final class FileServer implements AutoCloseable {
    private final ServerSocketChannel listener;
    private final Path file;
    private final Thread thread;

    private FileServer(ServerSocketChannel listener, Path file) {
        this.listener = listener;
        this.file = file;
        this.thread = Thread.ofPlatform().name("file-server").unstarted(this::serve);
    }

    static FileServer start(Path file) throws IOException {
        ServerSocketChannel listener =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        FileServer server = new FileServer(listener, file);
        server.thread.start();
        return server;
    }

    /** Where it is. */
    URI address() throws IOException {
        InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
        return URI.create("http://127.0.0.1:" + address.getPort() + "/");
    }

    private void serve() {
        while (listener.isOpen()) {
            try (SocketChannel client = listener.accept()) {
                answer(client);
            } catch (ClosedChannelException closed) {
                return;
            } catch (IOException e) {
                System.err.println("bench: file server: " + e);
            }
        }
    }

    private void answer(SocketChannel client) throws IOException {
        ByteBuffer request = ByteBuffer.allocate(4 << 10);
        while (!new String(request.array(), 0, request.position(), StandardCharsets.US_ASCII).contains("\r\n\r\n")) {
            if (client.read(request) < 0) {
                return;
            }
        }
        try (FileChannel content = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = content.size();
            String head = "HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\nConnection: close\r\n\r\n";
            client.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
            long position = 0;
            while (position < size) {
                position += content.transferTo(position, size - position, client);
            }
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        listener.close();
        thread.join();
    }
}
