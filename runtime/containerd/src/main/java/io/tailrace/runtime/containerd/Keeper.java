package io.tailrace.runtime.containerd;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Keeps output pipes open for reading while no server runs: a process of its own, small, which reads nothing.
 *
 * <p>Why it exists: the kernel throws away what a pipe holds when nobody has it open any more. containerd's shim has a
 * container's pipes open only until the container's output has been copied into them. So if the server is dead while a
 * container ends, its last output (up to a pipe full) would be lost. With the read end open here it waits for the next
 * server. Only the read end: once no writer is left, readers see the end of the stream as usual.
 *
 * <p>Protocol, over a unix socket, one line each way: {@code hold <path>}, {@code release <path>}, {@code ping}; the
 * answer is {@code ok} or {@code error <reason>}. Holding what is held and releasing what is not are no errors.
 *
 * <p>It ends by itself when its socket's file is gone, or when it has held nothing and served nobody for a while. It
 * uses the JDK alone, so that its class path is one entry and its heap 16 MiB. One platform thread per connection, of
 * which there is one per server; state is guarded by this object's lock.
 */
final class Keeper {
    /** How long it stays without anything to hold and anybody to serve. */
    private static final long IDLE_MILLIS = 10_000;

    private static final long TICK_MILLIS = 1_000;

    private final Path socket;
    /** Guarded by this. */
    private final Map<String, FileInputStream> held = new HashMap<>();
    /** Guarded by this. */
    private int connections;
    /** Guarded by this. */
    private long idleSinceNanos = System.nanoTime();

    private Keeper(Path socket) {
        this.socket = socket;
    }

    /** Runs until it is of no more use. @param arguments the socket's path */
    public static void main(String[] arguments) throws IOException {
        new Keeper(Path.of(arguments[0])).run();
    }

    private void run() throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            Thread.ofPlatform().name("keeper-end").daemon().start(this::endWhenUseless);
            while (true) {
                SocketChannel connection = listener.accept();
                changeConnections(1);
                Thread.ofPlatform().name("keeper-connection").daemon().start(() -> serve(connection));
            }
        }
    }

    private void serve(SocketChannel connection) {
        try (connection;
                BufferedReader requests = new BufferedReader(Channels.newReader(connection, StandardCharsets.UTF_8))) {
            for (String line = requests.readLine(); line != null; line = requests.readLine()) {
                connection.write(ByteBuffer.wrap((answer(line) + "\n").getBytes(StandardCharsets.UTF_8)));
            }
        } catch (IOException serverIsGone) {
            // What it held stays held: that is the point.
        } finally {
            changeConnections(-1);
        }
    }

    private synchronized String answer(String line) {
        try {
            if (line.startsWith("hold ")) {
                hold(line.substring("hold ".length()));
            } else if (line.startsWith("release ")) {
                release(line.substring("release ".length()));
            } else if (!line.equals("ping")) {
                return "error unknown request: " + line;
            }
            return "ok";
        } catch (IOException failure) {
            return "error " + failure.getMessage();
        }
    }

    /**
     * Opening both ends first keeps the second open from waiting for a writer. What is held under the path may be a pipe
     * of an earlier run, removed since, so it is opened anew in any case.
     */
    private void hold(String path) throws IOException {
        FileInputStream before;
        try (RandomAccessFile bothEnds = new RandomAccessFile(path, "rw")) {
            before = held.put(path, new FileInputStream(path));
        }
        if (before != null) {
            before.close();
        }
    }

    private void release(String path) throws IOException {
        FileInputStream readEnd = held.remove(path);
        if (readEnd != null) {
            readEnd.close();
        }
        idleSinceNanos = System.nanoTime();
    }

    private synchronized void changeConnections(int by) {
        connections += by;
        idleSinceNanos = System.nanoTime();
    }

    private void endWhenUseless() {
        while (!isUseless()) {
            try {
                Thread.sleep(TICK_MILLIS);
            } catch (InterruptedException interrupted) {
                break;
            }
        }
        System.exit(0);
    }

    private boolean isUseless() {
        synchronized (this) {
            if (Files.exists(socket)) {
                boolean isIdle = held.isEmpty() && connections == 0;
                if (!isIdle || System.nanoTime() - idleSinceNanos < IDLE_MILLIS * 1_000_000) {
                    return false;
                }
            }
        }
        try {
            Files.deleteIfExists(socket);
        } catch (IOException alreadyGone) {
            // Ending is all that matters now.
        }
        return true;
    }
}
