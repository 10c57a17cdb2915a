package io.tailrace.acceptance;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network that breaks: passes TCP on to a port until so many bytes of answers have passed, then cuts all connections, in
 * the middle of whatever they carry, and takes no others until it is healed. Thread-safe; each direction of each connection
 * has a virtual thread.
 */
final class CuttingProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 8 << 10;
    private static final int BACKLOG = 50;

    private final ServerSocket listener;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger refused = new AtomicInteger();
    private final int target;
    private final boolean isReset;

    @GuardedBy("this") private final List<Socket> sockets = new ArrayList<>();

    @GuardedBy("this") private long left;

    @GuardedBy("this") private long passed;

    @GuardedBy("this") private boolean isCut;

    /**
     * Listens on a free port.
     *
     * @param target the port to pass on to
     * @param bytesMax of answers, until the cut
     * @param isReset whether the cut is a reset and not an end of the stream
     */
    CuttingProxy(int target, long bytesMax, boolean isReset) {
        this.target = target;
        this.isReset = isReset;
        left = bytesMax;
        try {
            listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.submit(this::accept);
    }

    /** {@code host:port} */
    String address() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    /** Bytes of answers that have passed. */
    synchronized long passed() {
        return passed;
    }

    synchronized boolean isCut() {
        return isCut;
    }

    /** How many connections were attempted since the cut. */
    int refused() {
        return refused.get();
    }

    /** From now on everything passes. */
    synchronized void heal() {
        isCut = false;
        left = Long.MAX_VALUE;
    }

    private void accept() {
        try {
            while (true) {
                connect(listener.accept());
            }
        } catch (IOException closed) {
            // The end of the test.
        }
    }

    private void connect(Socket client) throws IOException {
        synchronized (this) {
            if (isCut) {
                refused.incrementAndGet();
                client.close();
                return;
            }
            sockets.add(client);
        }
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        synchronized (this) {
            sockets.add(server);
        }
        threads.submit(() -> pass(client, server, false));
        threads.submit(() -> pass(server, client, true));
    }

    private void pass(Socket from, Socket to, boolean isAnswer) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (from;
                to) {
            for (int count = from.getInputStream().read(buffer); count >= 0; ) {
                int allowed = isAnswer ? take(count) : count;
                to.getOutputStream().write(buffer, 0, allowed);
                if (allowed < count) {
                    cut();
                    return;
                }
                count = from.getInputStream().read(buffer);
            }
        } catch (IOException gone) {
            // One side or the test has closed it; both ends are closed with it.
        }
    }

    private synchronized int take(int count) {
        int allowed = (int) Math.min(count, left);
        left -= allowed;
        passed += allowed;
        return allowed;
    }

    private synchronized void cut() throws IOException {
        isCut = true;
        for (Socket socket : sockets) {
            if (isReset && !socket.isClosed()) {
                socket.setSoLinger(true, 0);
            }
            socket.close();
        }
        sockets.clear();
    }

    @Override
    public void close() {
        try {
            listener.close();
            cut();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            threads.shutdownNow();
        }
    }
}
