package io.tailrace.server.http;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.AbstractHttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.tailrace.engine.Cursor;
import io.tailrace.engine.Engine;
import io.tailrace.engine.FeedRecord;
import io.tailrace.log.TimelineRecord;
import io.tailrace.server.stream.HttpStream;
import io.tailrace.server.stream.Processes;
import io.tailrace.server.stream.Pump;
import io.tailrace.server.stream.Source;
import io.tailrace.server.stream.Streams;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The feed as server-sent events. It never ends by itself. */
public final class FeedEvents extends AbstractHttpService {
    private static final Set<String> PARAMETERS = Set.of("cursor", "from", "container");
    private static final Cursor OLDEST = new Cursor(Cursor.FEED, 0);

    private final Engine engine;
    private final Streams streams;

    /** A service over an engine. */
    public FeedEvents(Engine engine, Streams streams) {
        this.engine = engine;
        this.streams = streams;
    }

    private enum Start {
        START,
        NOW
    }

    @Override
    protected HttpResponse doGet(ServiceRequestContext context, HttpRequest request) {
        var stream = new HttpStream();
        streams.start("feed-events", stream, () -> serve(context, request.headers(), stream));
        return stream.response();
    }

    private void serve(ServiceRequestContext context, RequestHeaders headers, HttpStream stream)
            throws InterruptedException {
        var parameters = new Parameters(context, PARAMETERS);
        String container = parameters.text("container");
        String wanted =
                container == null ? "" : Processes.container(engine, container).id();
        try (var source = stream.closeAtEnd(Source.of(engine.feed(from(headers, parameters))))) {
            var sink = new EventSink<FeedRecord>(stream, (text, record, cursor) -> {
                if (matches(record, wanted)) {
                    text.record(record, cursor);
                }
            });
            sink.begin();
            Pump.run(source, stream, sink);
        }
        stream.complete();
    }

    private static @Nullable Cursor from(RequestHeaders headers, Parameters parameters) {
        Start start = parameters.word("from", Start.class);
        Cursor cursor = TimelineEvents.cursor(headers, parameters);
        if (cursor != null) {
            return cursor;
        }
        return start == Start.START ? OLDEST : null;
    }

    private static boolean matches(FeedRecord record, String containerId) {
        return containerId.isEmpty()
                || containerId.equals(record.containerId())
                || record.record() instanceof TimelineRecord.Gap;
    }
}
