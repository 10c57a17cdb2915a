package io.tailrace.bench.follow;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Connections whose readers are slow: some read a little ten times a second, some never. Their receive buffers are small,
 * so that the kernel does not read for them. One thread, which ends with {@link #close}.
 */
public final class SlowReaders implements AutoCloseable {
    private static final int READS_PER_SECOND = 10;
    private static final int RECEIVE_BUFFER_BYTES = 16 << 10;

    private final List<SocketChannel> channels = new ArrayList<>();
    private final int reading;
    private final int bytesPerSecond;
    private final Thread thread = Thread.ofPlatform().name("slow-readers").unstarted(this::run);

    private SlowReaders(int reading, int bytesPerSecond) {
        this.reading = reading;
        this.bytesPerSecond = bytesPerSecond;
    }

    /** Connects all and sends each the request. @param stalled how many never read */
    static SlowReaders open(SocketAddress address, String request, int stalled, int reading, int bytesPerSecond)
            throws IOException {
        SlowReaders readers = new SlowReaders(reading, bytesPerSecond);
        try {
            for (int i = 0; i < reading + stalled; i++) {
                SocketChannel channel = SocketAudience.connect(address, request);
                readers.channels.add(channel);
                if (!(address instanceof UnixDomainSocketAddress)) {
                    channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
                }
                channel.configureBlocking(false);
            }
            readers.thread.start();
            return readers;
        } catch (IOException | RuntimeException e) {
            readers.close();
            throw e;
        }
    }

    private void run() {
        ByteBuffer buffer = ByteBuffer.allocate(bytesPerSecond / READS_PER_SECOND);
        try {
            while (true) {
                Thread.sleep(1_000 / READS_PER_SECOND);
                for (SocketChannel channel : channels.subList(0, reading)) {
                    channel.read(buffer.clear());
                }
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        } catch (IOException ended) {
            // Their server has gone; what matters is what the others received.
        }
    }

    @Override
    public void close() throws IOException {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (SocketChannel channel : channels) {
            channel.close();
        }
    }
}
