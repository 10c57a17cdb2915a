package io.tailrace.server.auth;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.util.DomainSocketAddress;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;
import io.grpc.Status;
import io.tailrace.server.errors.GrpcErrors;
import io.tailrace.server.errors.HttpErrors;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Every request's way in (docs/contracts/auth.md): its Host must name this server, its Origin must be allowed, and it
 * must carry a token if one is needed. Whoever can open the unix socket is trusted: its file mode is the check.
 */
public final class Gate extends SimpleDecoratingHttpService {
    private static final int MISDIRECTED_REQUEST = 421;
    private static final String CHALLENGE = "Bearer realm=\"tailrace\", Basic realm=\"tailrace\"";

    private final Tokens tokens;
    private final HostNames hosts;
    private final Origins origins;
    private final Set<String> open;

    private Gate(HttpService delegate, Tokens tokens, HostNames hosts, Origins origins, Set<String> open) {
        super(delegate);
        this.tokens = tokens;
        this.hosts = hosts;
        this.origins = origins;
        this.open = open;
    }

    /** A gate before services. @param open paths that need no token */
    public static Function<HttpService, Gate> decorator(
            Tokens tokens, HostNames hosts, Origins origins, Set<String> open) {
        return delegate -> new Gate(delegate, tokens, hosts, origins, Set.copyOf(open));
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) throws Exception {
        if (isOverUnixSocket(context)) {
            return unwrap().serve(context, request);
        }
        HttpResponse refusal = refusal(context, request.headers());
        return refusal == null ? unwrap().serve(context, request) : refusal;
    }

    private @Nullable HttpResponse refusal(ServiceRequestContext context, RequestHeaders headers) {
        String authority = headers.authority();
        if (!hosts.accepts(authority)) {
            return HttpErrors.of(
                            MISDIRECTED_REQUEST,
                            "MISDIRECTED_REQUEST",
                            "host: %s (expected: localhost, the address listened on, or a name of access.hostNames)"
                                    .formatted(authority),
                            Status.Code.PERMISSION_DENIED)
                    .toHttpResponse();
        }
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        if (!origins.accepts(origin, authority)) {
            return HttpErrors.of(
                            403,
                            "PERMISSION_DENIED",
                            "origin: %s (expected: the server's own, or one of access.origins)".formatted(origin),
                            Status.Code.PERMISSION_DENIED)
                    .toHttpResponse();
        }
        if (isPreflight(headers) || open.contains(context.path())) {
            return null;
        }
        if (!tokens.accepts(headers.get(HttpHeaderNames.AUTHORIZATION))) {
            return unauthenticated(headers);
        }
        return null;
    }

    /** A preflight carries no token by design; it is answered without reaching a service. */
    private static boolean isPreflight(RequestHeaders headers) {
        return headers.method() == HttpMethod.OPTIONS
                && headers.contains(HttpHeaderNames.ORIGIN)
                && headers.contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
    }

    private static HttpResponse unauthenticated(RequestHeaders headers) {
        String message = "a token is needed (expected: authorization: Bearer <token>, or Basic with it)";
        MediaType type = headers.contentType();
        AggregatedHttpResponse refusal = type != null && GrpcErrors.isGrpc(type)
                ? GrpcErrors.trailersOnly(type, Status.Code.UNAUTHENTICATED, message)
                : HttpErrors.of(401, "UNAUTHENTICATED", message, Status.Code.UNAUTHENTICATED);
        return AggregatedHttpResponse.of(
                        refusal.headers().toBuilder()
                                .set(HttpHeaderNames.WWW_AUTHENTICATE, CHALLENGE)
                                .build(),
                        refusal.content())
                .toHttpResponse();
    }

    private static boolean isOverUnixSocket(ServiceRequestContext context) {
        return context.localAddress() instanceof DomainSocketAddress;
    }
}
