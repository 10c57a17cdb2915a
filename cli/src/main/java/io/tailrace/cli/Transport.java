package io.tailrace.cli;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import io.tailrace.client.Tailrace;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The connection to the server, made by a thread of its own while this command's arguments are understood: in a JVM that
 * has just started the one takes as long as the other. For one thread.
 */
final class Transport implements AutoCloseable {
    private static final Duration AHEAD_MAX = Duration.ofSeconds(10);

    private final @Nullable String host;
    private CompletableFuture<Optional<Tailrace>> ahead;

    private Transport(@Nullable String host, CompletableFuture<Optional<Tailrace>> ahead) {
        this.host = host;
        this.ahead = ahead;
    }

    /** One that is connected when it is asked for. */
    static Transport onDemand() {
        return new Transport(null, nothing());
    }

    /** Begins to connect. @param host as {@code --host} takes it; null: as the environment says */
    static Transport ahead(@Nullable String host) {
        var ahead = new CompletableFuture<Optional<Tailrace>>();
        Thread.ofPlatform().daemon().name("tailrace-ahead").start(() -> ahead.complete(connect(host)));
        return new Transport(host, ahead);
    }

    /** What was connected ahead, once; empty if that was to another host, or failed, as the first call will then say. */
    Optional<Tailrace> take(@Nullable String wanted) {
        if (!Objects.equals(wanted, host)) {
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
        take(host).ifPresent(Tailrace::close);
    }

    private static CompletableFuture<Optional<Tailrace>> nothing() {
        return CompletableFuture.completedFuture(Optional.empty());
    }

    private static Optional<Tailrace> connect(@Nullable String host) {
        try {
            quieten();
            var builder = Tailrace.builder();
            if (host != null) {
                builder.address(host);
            }
            var tailrace = builder.build();
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
