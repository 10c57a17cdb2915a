package io.tailrace.server;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;
import com.linecorp.armeria.server.docs.DocService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Pages that show every call. They are worked out when somebody first asks for them: a start should not wait for that. */
final class DocumentationPages extends SimpleDecoratingHttpService {
    private final AtomicBoolean isBegun = new AtomicBoolean();
    private volatile @Nullable ServiceConfig config;

    DocumentationPages() {
        super(DocService.builder().build());
    }

    @Override
    public void serviceAdded(ServiceConfig added) {
        config = added;
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) throws Exception {
        ServiceConfig known = config;
        if (known != null && !isBegun.getAndSet(true)) {
            unwrap().as(DocService.class).serviceAdded(known);
        }
        return unwrap().serve(context, request);
    }
}
