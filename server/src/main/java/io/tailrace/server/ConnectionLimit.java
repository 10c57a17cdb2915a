package io.tailrace.server;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.logging.RequestLogProperty;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.util.AttributeKey;
import io.tailrace.engine.ErrorCode;
import io.tailrace.server.errors.Failure;
import io.tailrace.server.errors.GrpcErrors;
import io.tailrace.server.errors.HttpErrors;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds connections. Those that are too many are told so, by the answers to their requests, and closed a moment later; the
 * library would reset them without a word. Thread-safe.
 */
final class ConnectionLimit implements DecoratingHttpServiceFunction {
    /** How many more there may be for as long as it takes to refuse them; beyond that they are reset after all. */
    private static final int REFUSED_AT_ONCE_MAX = 100;

    /** How long one may take to ask for something and hear that it is one too many. */
    private static final Duration REFUSAL_MAX = Duration.ofSeconds(5);

    private static final AttributeKey<Boolean> IS_TOO_MANY = AttributeKey.valueOf(ConnectionLimit.class, "IS_TOO_MANY");

    private final int connectionsMax;
    private final AtomicInteger connections = new AtomicInteger();

    ConnectionLimit(int connectionsMax) {
        this.connectionsMax = connectionsMax;
    }

    /** The limit of connections that are served or being refused. */
    int withRoomToRefuse() {
        return (int) Math.min(Integer.MAX_VALUE, (long) connectionsMax + REFUSED_AT_ONCE_MAX);
    }

    /** Lets a new connection in, or marks it as one too many. */
    void admit(ChannelPipeline pipeline) {
        Channel channel = pipeline.channel();
        if (connections.incrementAndGet() > connectionsMax) {
            // It takes nobody's place while it is refused.
            connections.decrementAndGet();
            channel.attr(IS_TOO_MANY).set(true);
            channel.eventLoop().schedule(() -> channel.close(), REFUSAL_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } else {
            channel.closeFuture().addListener(closed -> connections.decrementAndGet());
        }
    }

    @Override
    public HttpResponse serve(HttpService delegate, ServiceRequestContext context, HttpRequest request)
            throws Exception {
        Channel channel =
                context.log().ensureAvailable(RequestLogProperty.SESSION).channel();
        if (channel == null || !channel.hasAttr(IS_TOO_MANY)) {
            return delegate.serve(context, request);
        }
        var failure = Failure.of(
                ErrorCode.RESOURCE_EXHAUSTED,
                "connections: %d are open (expected: at most that)".formatted(connectionsMax));
        MediaType type = request.contentType();
        return type != null && GrpcErrors.isGrpc(type)
                ? GrpcErrors.trailersOnly(type, failure.status(), failure.message())
                        .toHttpResponse()
                : HttpErrors.of(failure).toHttpResponse();
    }
}
