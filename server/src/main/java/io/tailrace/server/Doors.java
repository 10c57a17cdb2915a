package io.tailrace.server;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.metric.MeterIdPrefixFunction;
import com.linecorp.armeria.common.util.DomainSocketAddress;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServerPort;
import com.linecorp.armeria.server.cors.CorsService;
import com.linecorp.armeria.server.grpc.GrpcService;
import com.linecorp.armeria.server.healthcheck.SettableHealthChecker;
import com.linecorp.armeria.server.metric.MetricCollectingService;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tailrace.engine.Engine;
import io.tailrace.server.auth.Gate;
import io.tailrace.server.auth.HostNames;
import io.tailrace.server.auth.Origins;
import io.tailrace.server.auth.Tokens;
import io.tailrace.server.errors.HttpErrors;
import io.tailrace.server.stream.Streams;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All doors, behind one gate, on one port (and a second, and a unix socket). */
final class Doors implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Doors.class);

    /** Beside a message itself: its frame, or the query of a request. */
    private static final int REQUEST_OVERHEAD_BYTES = 64 << 10;

    /** Beside the streams that there may be. */
    private static final int CALLS_PER_CONNECTION_MORE = 10_000;

    /** Within which the client of a connection may cancel all that it may have open there. */
    private static final Duration CANCEL_WINDOW = Duration.ofSeconds(10);

    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(10);
    private static final Duration PING_INTERVAL = Duration.ofSeconds(30);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    private static final int PREFLIGHT_MAX_AGE_SECONDS = 3_600;

    private final Server server;
    private final SettableHealthChecker readiness;
    private final URI uri;
    private final @Nullable URI secondUri;
    private final @Nullable Path unixSocket;

    private Doors(
            Server server,
            SettableHealthChecker readiness,
            URI uri,
            @Nullable URI secondUri,
            @Nullable Path unixSocket) {
        this.server = server;
        this.readiness = readiness;
        this.uri = uri;
        this.secondUri = secondUri;
        this.unixSocket = unixSocket;
    }

    /**
     * Loads what is slow to load of the libraries, so that it can be done beside other work: some ten milliseconds of
     * static initializers each, a second in all where nothing is cached.
     */
    static void warmUp() {
        Server.builder();
        GrpcService.builder();
        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT).close();
    }

    /** Opens the doors. Returns when they serve. */
    static Doors open(ServerConfig config, List<String> tokens, Engine engine, Streams streams) {
        InetAddress host = ListenAddresses.host(config.listen(), !tokens.isEmpty());
        Path unixSocket = ListenAddresses.unixSocket(config.listen());
        var readiness = new SettableHealthChecker(true);
        var metrics = new Metrics(engine, streams);
        ServerBuilder builder = Server.builder();
        listen(builder, config.listen(), host, unixSocket);
        var connections = new ConnectionLimit(config.limits().connectionsMax());
        bound(builder, config.limits(), connections);
        Routes.bind(builder, config, engine, streams, readiness, metrics);
        guard(builder, config.access(), tokens, host);
        builder.decorator(connections);
        Server server = builder.meterRegistry(metrics.registry())
                .errorHandler(HttpErrors.ofServer())
                // What a client did wrong is told to the client.
                .unloggedExceptionsReportIntervalMillis(0)
                .disableServerHeader()
                .build();
        start(server, config.listen());
        try {
            if (unixSocket != null) {
                ListenAddresses.restrict(unixSocket);
            }
        } catch (IOException e) {
            server.close();
            throw new ConfigException("listen.unixSocket: %s: %s".formatted(unixSocket, e), e);
        }
        List<URI> uris = server.activePorts().values().stream()
                .filter(port -> !port.isDomainSocket())
                .map(port -> uri(host, port.localAddress().getPort()))
                .toList();
        return new Doors(server, readiness, uris.getFirst(), uris.size() > 1 ? uris.get(1) : null, unixSocket);
    }

    private static void listen(
            ServerBuilder builder, ServerConfig.Listen listen, InetAddress host, @Nullable Path unixSocket) {
        builder.port(new ServerPort(new InetSocketAddress(host, listen.port()), SessionProtocol.HTTP));
        if (listen.secondPort() >= 0 && ListenAddresses.isFree(host, listen.secondPort())) {
            builder.port(new ServerPort(new InetSocketAddress(host, listen.secondPort()), SessionProtocol.HTTP));
        }
        if (unixSocket != null) {
            builder.port(new ServerPort(DomainSocketAddress.of(unixSocket), SessionProtocol.HTTP));
        }
    }

    /** Streams last as long as they last: there is no time limit on requests, but one on idle connections. */
    private static void bound(ServerBuilder builder, ServerConfig.Limits limits, ConnectionLimit connections) {
        long callsPerConnection = (long) limits.streamsMax() + CALLS_PER_CONNECTION_MORE;
        builder.requestTimeoutMillis(0)
                .maxRequestLength(limits.requestBytesMax() + REQUEST_OVERHEAD_BYTES)
                .maxNumConnections(connections.withRoomToRefuse())
                // More than there may be streams: a client keeps a call that its connection has no room for to itself,
                // and would wait without a word; one that comes here is refused, and told why.
                .http2MaxStreamsPerConnection(callsPerConnection)
                // A client that cancels more is taken for a flood, and loses the connection with every other call on
                // it.
                .http2MaxResetFramesPerWindow(
                        (int) Math.min(callsPerConnection, Integer.MAX_VALUE), (int) CANCEL_WINDOW.toSeconds())
                .idleTimeout(IDLE_TIMEOUT)
                .pingInterval(PING_INTERVAL)
                .connectionDrainDurationMicros(0)
                .gracefulShutdownTimeout(Duration.ZERO, STOP_TIMEOUT)
                .bossGroupFactory(name -> Sockets.acceptors(name, STOP_TIMEOUT));
        Sockets.keepAlive(builder, PING_INTERVAL);
        builder.childChannelPipelineCustomizer(pipeline -> {
            connections.admit(pipeline);
            Http2Upgrade.decline(pipeline);
        });
    }

    private static void guard(
            ServerBuilder builder, ServerConfig.Access access, List<String> tokens, InetAddress host) {
        var origins = new Origins(Set.copyOf(access.origins()));
        // The last decorator is the outermost: the gate looks first, and what it refuses is counted as well.
        if (!origins.allowed().isEmpty()) {
            builder.decorator(CorsService.builder(origins.allowed())
                    .allowCredentials()
                    .allowRequestMethods(HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.DELETE)
                    .allowAllRequestHeaders(true)
                    .exposeHeaders(
                            "grpc-status",
                            "grpc-message",
                            "grpc-status-details-bin",
                            "x-tailrace-offset",
                            "x-tailrace-length",
                            "x-tailrace-complete")
                    .maxAge(PREFLIGHT_MAX_AGE_SECONDS)
                    .newDecorator());
        }
        builder.decorator(Gate.decorator(
                new Tokens(tokens), new HostNames(host, Set.copyOf(access.hostNames())), origins, Routes.OPEN));
        builder.decorator(MetricCollectingService.newDecorator(MeterIdPrefixFunction.ofDefault("tailrace.requests")));
    }

    private static void start(Server server, ServerConfig.Listen listen) {
        try {
            server.start().join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ConfigException(
                    "listen.port: cannot listen on %s:%d: %s (expected: a free port, or 0 for any)"
                            .formatted(listen.host(), listen.port(), cause.getMessage()),
                    cause);
        }
    }

    private static URI uri(InetAddress host, int port) {
        InetAddress reachable = host.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : host;
        String literal = reachable.getHostAddress();
        return URI.create("http://%s:%d".formatted(literal.contains(":") ? "[" + literal + "]" : literal, port));
    }

    URI uri() {
        return uri;
    }

    Optional<URI> secondUri() {
        return Optional.ofNullable(secondUri);
    }

    Optional<Path> unixSocket() {
        return Optional.ofNullable(unixSocket);
    }

    /** Says that this server is not ready any more, so that balancers look for another. */
    void refuse() {
        readiness.setHealthy(false);
    }

    @Override
    public void close() {
        try {
            server.stop().get(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            log.warn("the ports were not closed within {} ms", CLOSE_TIMEOUT.toMillis(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (unixSocket != null) {
            try {
                Files.deleteIfExists(unixSocket);
            } catch (IOException e) {
                // The next server to listen there removes it.
            }
        }
    }
}
