package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's side of the {@link Keeper}: starts one where none runs, finds one that survived an earlier server, and
 * replaces one that died, telling the new one all that is held. Thread-safe. One virtual thread reads the answers and
 * so notices the death at once.
 */
final class KeeperClient implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(KeeperClient.class);
    private static final long ANSWER_MILLIS = 10_000;
    private static final int ATTEMPTS_MAX = 10;
    private static final long PAUSE_MILLIS = 50;

    private final KeeperProcess process;
    /** Guarded by this: what a new keeper has to be told. */
    private final Set<Path> held = new LinkedHashSet<>();
    /** Guarded by this. */
    private Connection connection = Connection.NONE;
    /** Guarded by this. */
    private boolean isClosed;

    /** A client whose keeper is started, or found, on another thread, so that it costs the caller no time. */
    KeeperClient(KeeperProcess process) {
        this.process = process;
        Thread.ofVirtual().name("keeper-start").start(this::warmUp);
    }

    /** Has a pipe kept until {@link #release}; once this returns, what is written to it survives this server. */
    void hold(Path fifo) {
        synchronized (this) {
            held.add(fifo);
        }
        request("hold " + fifo);
    }

    /** Lets go of a pipe. A keeper that cannot be reached has let go already. */
    void release(Path fifo) {
        synchronized (this) {
            held.remove(fifo);
        }
        try {
            request("release " + fifo);
        } catch (ContainerRuntimeException unreachable) {
            LOGGER.debug("not released, so gone with its keeper: {}", fifo, unreachable);
        }
    }

    private void warmUp() {
        try {
            request("ping");
        } catch (ContainerRuntimeException failure) {
            if (!isClosed()) {
                LOGGER.warn("the keeper of output pipes does not start: {}", failure.getMessage());
            }
        }
    }

    private void request(String line) {
        IOException last = new IOException("closed");
        for (int attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
            try {
                connected().request(line);
                return;
            } catch (IOException failure) {
                last = failure;
                if (isClosed() || Thread.currentThread().isInterrupted()) {
                    break;
                }
                pause();
            }
        }
        throw new ContainerRuntimeException(
                Code.UNAVAILABLE, "keeper: %s: %s".formatted(line, last.getMessage()), last);
    }

    private synchronized Connection connected() throws IOException {
        if (isClosed) {
            throw new IOException("the runtime is closed");
        }
        if (!connection.isOpen()) {
            connection = Connection.of(process.connect(), this::lost);
            try {
                for (Path fifo : held) {
                    if (Files.exists(fifo)) {
                        connection.request("hold " + fifo);
                    }
                }
            } catch (IOException failure) {
                // Or the rest would never be told.
                connection.close();
                throw failure;
            }
        }
        return connection;
    }

    /** A keeper that was killed may take a moment to be gone. */
    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The keeper died under a living server: its successor must hold everything again, now. */
    private void lost() {
        if (isClosed()) {
            return;
        }
        LOGGER.warn("the keeper of output pipes died; starting another");
        warmUp();
    }

    private synchronized boolean isClosed() {
        return isClosed;
    }

    @Override
    public void close() {
        Connection closing;
        synchronized (this) {
            isClosed = true;
            closing = connection;
        }
        closing.close();
    }

    /** One connection: requests go out in order and are answered in that order. */
    private static final class Connection {
        static final Connection NONE = new Connection();

        private final SocketChannel channel;
        /** Guarded by itself. */
        private final Queue<CompletableFuture<String>> waiting = new ArrayDeque<>();

        private Connection() {
            try {
                channel = SocketChannel.open();
                channel.close();
            } catch (IOException impossible) {
                throw new AssertionError(impossible);
            }
        }

        private Connection(SocketChannel channel) {
            this.channel = channel;
        }

        static Connection of(SocketChannel channel, Runnable lost) {
            Connection connection = new Connection(channel);
            Thread.ofVirtual().name("keeper-answers").start(() -> {
                connection.readAnswers();
                lost.run();
            });
            return connection;
        }

        boolean isOpen() {
            return channel.isOpen();
        }

        void request(String line) throws IOException {
            CompletableFuture<String> answer = new CompletableFuture<>();
            try {
                send(line, answer);
            } catch (IOException failure) {
                close();
                throw failure;
            }
            try {
                String text = answer.get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
                if (!text.equals("ok")) {
                    throw new IOException(text);
                }
            } catch (TimeoutException | ExecutionException failure) {
                close();
                throw new IOException("no answer", failure);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", interrupted);
            }
        }

        private void send(String line, CompletableFuture<String> answer) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
            synchronized (waiting) {
                waiting.add(answer);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
        }

        private void readAnswers() {
            try (BufferedReader answers = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
                for (String line = answers.readLine(); line != null; line = answers.readLine()) {
                    CompletableFuture<String> answer;
                    synchronized (waiting) {
                        answer = waiting.remove();
                    }
                    answer.complete(line);
                }
            } catch (IOException gone) {
                // Told below to all who wait.
            }
            close();
            synchronized (waiting) {
                waiting.forEach(answer -> answer.completeExceptionally(new IOException("the keeper is gone")));
                waiting.clear();
            }
        }

        void close() {
            try {
                channel.close();
            } catch (IOException alreadyClosed) {
                // Closed is all it shall be.
            }
        }
    }
}
