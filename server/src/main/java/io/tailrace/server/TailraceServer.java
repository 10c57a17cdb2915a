package io.tailrace.server;

import io.tailrace.engine.Engine;
import io.tailrace.runtime.spi.ContainerRuntime;
import io.tailrace.server.stream.Streams;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server: a runtime, the engine on it, and the doors. Containers outlive it: closing it ends streams, not
 * processes. Thread-safe.
 */
public final class TailraceServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TailraceServer.class);

    private final ContainerRuntime runtime;
    private final Engine engine;
    private final Streams streams;
    private final Doors doors;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final AtomicBoolean isClosing = new AtomicBoolean();

    private TailraceServer(ContainerRuntime runtime, Engine engine, Streams streams, Doors doors) {
        this.runtime = runtime;
        this.engine = engine;
        this.streams = streams;
        this.doors = doors;
    }

    /**
     * Starts a server on the runtime that its configuration names. Returns when it serves.
     *
     * @throws ConfigException if it cannot start with this configuration
     */
    public static TailraceServer start(ServerConfig config) {
        checked(config);
        Thread.ofPlatform().name("warm-up").daemon().start(Doors::warmUp);
        ContainerRuntime runtime = Runtimes.open(config);
        try {
            return start(config, runtime);
        } catch (RuntimeException e) {
            runtime.close();
            throw e;
        }
    }

    /**
     * Starts a server on a runtime, which it closes when it is closed. Returns when it serves.
     *
     * @throws ConfigException if it cannot start with this configuration
     */
    public static TailraceServer start(ServerConfig config, ContainerRuntime runtime) {
        List<String> tokens = checked(config);
        Engine engine = Engine.open(config.engine(), runtime);
        var streams = new Streams(config.limits().streamsMax());
        try {
            Doors doors = Doors.open(config, tokens, engine, streams);
            var server = new TailraceServer(runtime, engine, streams, doors);
            log.info("serving on {}", doors.uri());
            return server;
        } catch (RuntimeException e) {
            streams.close();
            engine.close();
            throw e;
        }
    }

    /** All tokens, and a configuration with which a server may listen. */
    private static List<String> checked(ServerConfig config) {
        var tokens = new ArrayList<>(config.access().tokens());
        String file = config.access().tokenFile();
        if (!file.isEmpty()) {
            try {
                tokens.add(Files.readString(Path.of(file)).strip());
            } catch (IOException e) {
                throw new ConfigException("access.tokenFile: %s: %s".formatted(file, e), e);
            }
        }
        if (tokens.contains("")) {
            throw new ConfigException("access.tokens: an empty one (expected: at least one character)");
        }
        ListenAddresses.host(config.listen(), !tokens.isEmpty());
        return List.copyOf(tokens);
    }

    /** Where it is reached: {@code http://127.0.0.1:8080}. */
    public URI httpUri() {
        return doors.uri();
    }

    /** Its second port; empty if it has none. */
    public Optional<URI> secondUri() {
        return doors.secondUri();
    }

    /** Its unix socket; empty if it has none. */
    public Optional<Path> unixSocket() {
        return doors.unixSocket();
    }

    /** How many streams it serves now. */
    public int streams() {
        return streams.size();
    }

    /** The engine, for programs that run a server within themselves. */
    public Engine engine() {
        return engine;
    }

    /** Waits until it was closed, by whomever. */
    public void awaitStop() throws InterruptedException {
        stopped.await();
    }

    /**
     * Stops it: no new requests, every stream is ended with UNAVAILABLE, then the engine and the connection to the
     * runtime are closed. Containers run on. Closing it again waits until the first has done so.
     */
    @Override
    public void close() {
        if (isClosing.getAndSet(true)) {
            awaitOtherClose();
            return;
        }
        log.info("stopping; containers run on");
        try {
            doors.refuse();
            streams.close();
            doors.close();
            engine.close();
            runtime.close();
        } finally {
            stopped.countDown();
        }
    }

    private void awaitOtherClose() {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
