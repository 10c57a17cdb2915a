package io.tailrace.cli;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import io.tailrace.client.Tailrace;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The connection to the server, made by a thread of its own while this command's arguments are understood: in a JVM that
 * has just started the one takes as long as the other. For one thread.
 */
final class Transport implements AutoCloseable {
    private static final Duration AHEAD_MAX = Duration.ofSeconds(10);

    private final NamedServer server;
    private CompletableFuture<Optional<Tailrace>> ahead;

    private Transport(NamedServer server, CompletableFuture<Optional<Tailrace>> ahead) {
        this.server = server;
        this.ahead = ahead;
    }

    /** One that is connected when it is asked for. */
    static Transport onDemand() {
        return new Transport(NamedServer.NONE, nothing());
    }

    /** Begins to connect. */
    static Transport ahead(NamedServer server) {
        var ahead = new CompletableFuture<Optional<Tailrace>>();
        Thread.ofPlatform().daemon().name("tailrace-ahead").start(() -> ahead.complete(connect(server)));
        return new Transport(server, ahead);
    }

    /** What was connected ahead, once; empty if that was to another server, or failed, as the first call will then say. */
    Optional<Tailrace> take(NamedServer wanted) {
        if (!wanted.isAs(server)) {
            close();
        }
        var made = ahead.completeOnTimeout(Optional.empty(), AHEAD_MAX.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        ahead = nothing();
        return made;
    }

    /** Closes what nobody took. */
    @Override
    public void close() {
        take(server).ifPresent(Tailrace::close);
    }

    private static CompletableFuture<Optional<Tailrace>> nothing() {
        return CompletableFuture.completedFuture(Optional.empty());
    }

    private static Optional<Tailrace> connect(NamedServer server) {
        try {
            quieten();
            var tailrace = server.builder().build();
            tailrace.connectAhead();
            return Optional.of(tailrace);
        } catch (RuntimeException | LinkageError e) {
            return Optional.empty();
        }
    }

    /** What the transport has to say is in the errors that it throws; its logging would also start a logging framework. */
    static void quieten() {
        System.setProperty("io.netty.leakDetection.level", "disabled");
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
        for (var logger : Loggers.ALL) {
            logger.setLevel(Level.OFF);
        }
    }

    private static final class Loggers {
        /** Strong references: loggers are kept weakly, and their levels with them. */
        private static final Logger[] ALL = {Logger.getLogger("io.grpc"), Logger.getLogger("io.netty")};
    }
}
