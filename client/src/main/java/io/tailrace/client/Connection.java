package io.tailrace.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/2 connection to one server, shared by everything that a {@link Tailrace} hands out. Thread-safe.
 *
 * <p>One event loop thread, and listeners that run on it: every listener of this package only hands over to the thread
 * that waits. The name resolver and service configuration of gRPC are left out; they would cost start-up time only.
 */
final class Connection implements AutoCloseable {
    /** One record carries at most 64 KiB of output; an inspect may carry long environments. */
    private static final int MESSAGE_BYTES_MAX = 8 << 20;

    private static final int WINDOW_BYTES = 2 << 20;
    private static final int KEEPALIVE_SECONDS = 20;
    private static final int KEEPALIVE_TIMEOUT_SECONDS = 10;
    private static final int CLOSE_TIMEOUT_MILLIS = 2_000;
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final Endpoint endpoint;
    private final Duration callTimeout;
    private final EventLoopGroup eventLoops;
    private final ManagedChannel managedChannel;
    private final Channel channel;

    Connection(Endpoint endpoint, @Nullable String token, Duration callTimeout) {
        this.endpoint = endpoint;
        this.callTimeout = callTimeout;
        boolean isEpoll = Epoll.isAvailable();
        eventLoops = new MultiThreadIoEventLoopGroup(
                1,
                new DefaultThreadFactory("tailrace-client", true),
                isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        managedChannel = builder(endpoint, isEpoll)
                .eventLoopGroup(eventLoops)
                .directExecutor()
                .disableRetry()
                .disableServiceConfigLookUp()
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .initialFlowControlWindow(WINDOW_BYTES)
                .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .userAgent("tailrace-java")
                .build();
        channel = token == null ? managedChannel : ClientInterceptors.intercept(managedChannel, bearer(token));
    }

    private static NettyChannelBuilder builder(Endpoint endpoint, boolean isEpoll) {
        if (endpoint.socket() != null) {
            SocketAddress address = isEpoll
                    ? new DomainSocketAddress(endpoint.socket().toString())
                    : UnixDomainSocketAddress.of(endpoint.socket());
            return NettyChannelBuilder.forAddress(address)
                    .channelType(isEpoll ? EpollDomainSocketChannel.class : NioDomainSocketChannel.class)
                    .overrideAuthority("localhost")
                    // gRPC's default, which unix sockets do not know and Netty warns of.
                    .withOption(ChannelOption.SO_KEEPALIVE, null)
                    .usePlaintext();
        }
        var builder = NettyChannelBuilder.forAddress(new InetSocketAddress(endpoint.host(), endpoint.port()))
                .overrideAuthority(endpoint.host() + ":" + endpoint.port())
                .channelType(isEpoll ? EpollSocketChannel.class : NioSocketChannel.class);
        if (!endpoint.isTls()) {
            return builder.usePlaintext();
        }
        try {
            return builder.sslContext(GrpcSslContexts.forClient().build());
        } catch (SSLException e) {
            throw new TailraceException(ErrorCode.INTERNAL, "no TLS here: " + e.getMessage(), e);
        }
    }

    private static ClientInterceptor bearer(String token) {
        return new ClientInterceptor() {
            @Override
            public <Q, S> ClientCall<Q, S> interceptCall(
                    MethodDescriptor<Q, S> method, CallOptions options, Channel next) {
                return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                    @Override
                    public void start(Listener<S> listener, Metadata headers) {
                        headers.put(AUTHORIZATION, "Bearer " + token);
                        super.start(listener, headers);
                    }
                };
            }
        };
    }

    /** A unary call within the configured time. */
    <Q, S> S call(MethodDescriptor<Q, S> method, Q request) {
        return call(method, request, callTimeout);
    }

    /** A unary call. @param timeout null: without limit */
    <Q, S> S call(MethodDescriptor<Q, S> method, Q request, @Nullable Duration timeout) {
        var options = CallOptions.DEFAULT;
        if (timeout != null) {
            options = options.withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
        }
        try {
            S response = ClientCalls.blockingUnaryCall(channel, method, options, request);
            return response;
        } catch (StatusRuntimeException e) {
            throw Failures.of(e, address());
        }
    }

    /** A streaming call, to be started by the caller. */
    <Q, S> ClientCall<Q, S> open(MethodDescriptor<Q, S> method) {
        return channel.newCall(method, CallOptions.DEFAULT);
    }

    /** Begins to connect, rather than with the first call. */
    void connectAhead() {
        managedChannel.getState(true);
    }

    /** Tries to connect now, rather than when gRPC's own back-off allows it. */
    void reconnectNow() {
        managedChannel.resetConnectBackoff();
    }

    /** How long a unary call may take. */
    Duration callTimeout() {
        return callTimeout;
    }

    /** Whether it was closed here, so that nothing brings it back. */
    boolean isClosed() {
        return managedChannel.isShutdown();
    }

    String address() {
        return endpoint.toString();
    }

    @Override
    public void close() {
        managedChannel.shutdownNow();
        try {
            managedChannel.awaitTermination(CLOSE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // A JVM that exits waits 300 ms for a thread that is in native code, as an event loop is between events.
        eventLoops
                .shutdownGracefully(0, CLOSE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_TIMEOUT_MILLIS);
    }
}
