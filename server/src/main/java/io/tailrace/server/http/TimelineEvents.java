package io.tailrace.server.http;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.AbstractHttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.tailrace.engine.ContainerProcess;
import io.tailrace.engine.Cursor;
import io.tailrace.engine.Engine;
import io.tailrace.engine.SubscriptionRequest;
import io.tailrace.engine.SubscriptionRequest.End;
import io.tailrace.engine.SubscriptionRequest.From;
import io.tailrace.engine.SubscriptionRequest.Kind;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import io.tailrace.server.stream.HttpStream;
import io.tailrace.server.stream.Processes;
import io.tailrace.server.stream.Pump;
import io.tailrace.server.stream.Source;
import io.tailrace.server.stream.Streams;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One timeline as server-sent events. A client that connects again with the last id goes on behind it; when nothing is
 * left to come it is answered 204, which tells an EventSource to stop.
 */
public final class TimelineEvents extends AbstractHttpService {
    private static final Set<String> PARAMETERS =
            Set.of("cursor", "from", "last", "tail", "since", "until", "kinds", "streams", "end");

    private final Engine engine;
    private final Streams streams;

    /** A service over an engine. */
    public TimelineEvents(Engine engine, Streams streams) {
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
        streams.start("events", stream, () -> serve(context, request.headers(), stream));
        return stream.response();
    }

    private void serve(ServiceRequestContext context, RequestHeaders headers, HttpStream stream)
            throws InterruptedException {
        var parameters = new Parameters(context, PARAMETERS);
        ContainerProcess process = Processes.find(engine, parameters.path("container"), parameters.path("exec"));
        SubscriptionRequest wanted = wanted(parameters, cursor(headers, parameters));
        if (isOver(process, wanted)) {
            stream.answer(AggregatedHttpResponse.of(ResponseHeaders.of(HttpStatus.NO_CONTENT)));
            return;
        }
        if (wanted.end() == End.EXIT
                && wanted.from() instanceof From.After after
                && process.status().state().isDone()
                && Processes.isBehindExit(process, after.cursor())) {
            // Also a cursor of another timeline is refused before it is believed.
            process.subscribe(wanted).close();
            stream.answer(AggregatedHttpResponse.of(ResponseHeaders.of(HttpStatus.NO_CONTENT)));
            return;
        }
        try (var source = stream.closeAtEnd(Source.of(process.subscribe(wanted)))) {
            var sink = new EventSink<TimelineRecord>(stream, EventText::record);
            sink.begin();
            Pump.run(source, stream, sink);
            if (wanted.end() == End.EXIT && !source.isPastUntil()) {
                Processes.requireBehindExit(process, source.cursor());
            }
        }
        stream.complete();
    }

    /** Whether a client that comes back had all up to the time that it asked for. */
    private static boolean isOver(ContainerProcess process, SubscriptionRequest wanted) {
        if (wanted.until() == null || !(wanted.from() instanceof From.After)) {
            return false;
        }
        try (var subscription = process.subscribe(wanted)) {
            return subscription.poll() == null && subscription.isPastUntil();
        }
    }

    /** Where a client wants to go on: a browser's header wins over the URL, which still holds where it first began. */
    static @Nullable Cursor cursor(RequestHeaders headers, Parameters parameters) {
        String id = headers.get(HttpHeaderNames.LAST_EVENT_ID);
        String text = id == null || id.isEmpty() ? parameters.text("cursor") : id;
        return text == null ? null : Cursor.parse(text);
    }

    private static SubscriptionRequest wanted(Parameters parameters, @Nullable Cursor cursor) {
        return new SubscriptionRequest(
                from(parameters, cursor),
                parameters.words("kinds", Kind.class),
                parameters.words("streams", StdStream.class),
                Objects.requireNonNullElse(parameters.word("end", End.class), End.EXIT),
                parameters.time("since"),
                parameters.time("until"));
    }

    private static From from(Parameters parameters, @Nullable Cursor cursor) {
        Start start = parameters.word("from", Start.class);
        Long last = parameters.number("last");
        Long tail = parameters.number("tail");
        if (last != null && (start != null || tail != null)) {
            throw Parameters.invalid("last", last.toString(), "not together with from or tail");
        }
        if (start != null && tail != null) {
            throw Parameters.invalid("tail", tail.toString(), "not together with from");
        }
        if (cursor != null) {
            return new From.After(cursor);
        }
        if (last != null) {
            return new From.Last(last);
        }
        if (tail != null) {
            return new From.Lines(tail);
        }
        return start == Start.NOW ? new From.Now() : new From.Start();
    }
}
