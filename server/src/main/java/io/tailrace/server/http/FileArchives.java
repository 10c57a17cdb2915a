package io.tailrace.server.http;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.AbstractHttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.tailrace.engine.Container;
import io.tailrace.engine.Engine;
import io.tailrace.server.stream.ArchiveOutput;
import io.tailrace.server.stream.HttpBody;
import io.tailrace.server.stream.HttpStream;
import io.tailrace.server.stream.Streams;
import java.util.Objects;
import java.util.Set;

/**
 * Files of a container as a tar: GET packs a path, PUT unpacks into a directory. A response that is cut off has no proper end.
 */
public final class FileArchives extends AbstractHttpService {
    private static final MediaType TAR = MediaType.create("application", "x-tar");

    private final Engine engine;
    private final Streams streams;

    /** A service over an engine. */
    public FileArchives(Engine engine, Streams streams) {
        this.engine = engine;
        this.streams = streams;
    }

    @Override
    protected HttpResponse doGet(ServiceRequestContext context, HttpRequest request) {
        var stream = new HttpStream();
        streams.start("read", stream, () -> {
            var parameters = new Parameters(context, Set.of("path"));
            container(parameters).readFiles(path(parameters), status -> {
                stream.begin(ResponseHeaders.builder(HttpStatus.OK)
                        .contentType(TAR)
                        .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                        .set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
                        .build());
                return new ArchiveOutput(stream, bytes -> stream.write(HttpData.wrap(bytes)));
            });
            stream.complete();
        });
        return stream.response();
    }

    @Override
    protected HttpResponse doPut(ServiceRequestContext context, HttpRequest request) {
        context.setMaxRequestLength(0);
        var stream = new HttpStream();
        var body = HttpBody.of(request, stream);
        streams.start("write", stream, () -> {
            var parameters = new Parameters(context, Set.of("path", "replace"));
            container(parameters).writeFiles(path(parameters), body, parameters.flag("replace"));
            stream.answer(AggregatedHttpResponse.of(HttpStatus.OK, MediaType.JSON_UTF_8, "{}"));
        });
        return stream.response();
    }

    private Container container(Parameters parameters) {
        return engine.container(parameters.path("container"));
    }

    private static String path(Parameters parameters) {
        return Objects.requireNonNullElse(parameters.text("path"), "");
    }
}
