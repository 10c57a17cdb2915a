package io.tailrace.server;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;

/** Lifts the bound on a request's length where it is a stream of gRPC messages, each of which has its own bound. */
final class StreamedRequests extends SimpleDecoratingHttpService {
    StreamedRequests(HttpService delegate) {
        super(delegate);
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) throws Exception {
        if (isGrpc(request) && context.exchangeType().isRequestStreaming()) {
            context.setMaxRequestLength(0);
        }
        return unwrap().serve(context, request);
    }

    private static boolean isGrpc(HttpRequest request) {
        MediaType type = request.contentType();
        return type != null
                && "application".equals(type.type())
                && type.subtype().startsWith("grpc");
    }
}
