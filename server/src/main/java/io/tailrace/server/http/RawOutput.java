package io.tailrace.server.http;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.AbstractHttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status;
import io.tailrace.engine.ContainerProcess;
import io.tailrace.engine.Engine;
import io.tailrace.engine.SubscriptionRequest;
import io.tailrace.engine.SubscriptionRequest.End;
import io.tailrace.engine.SubscriptionRequest.From;
import io.tailrace.engine.SubscriptionRequest.Kind;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import io.tailrace.server.errors.HttpErrors;
import io.tailrace.server.stream.HttpStream;
import io.tailrace.server.stream.Processes;
import io.tailrace.server.stream.Source;
import io.tailrace.server.stream.Streams;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The bytes of one stream, as the process wrote them. Without {@code follow}: what is recorded now, with its length. With
 * it: until the exit, whose figures come as trailers; a response that is cut off before has no proper end.
 */
public final class RawOutput extends AbstractHttpService {
    /** Where the first byte of the body stands in its stream. */
    static final String OFFSET = "x-tailrace-offset";
    /** Bytes of the whole stream: so far as a header, in all as a trailer. */
    static final String LENGTH = "x-tailrace-length";
    /** CRC-32 of the whole stream, 8 hex digits. */
    static final String CRC32 = "x-tailrace-crc32";
    /** How the process ended. */
    static final String EXIT_CODE = "x-tailrace-exit-code";
    /** Why it ended. */
    static final String EXIT_REASON = "x-tailrace-exit-reason";
    /** Whether nothing can come after what is recorded. */
    static final String COMPLETE = "x-tailrace-complete";

    private static final Set<String> PARAMETERS = Set.of("offset", "length", "follow", "tail", "since", "until");

    private final Engine engine;
    private final Streams streams;
    private final StdStream output;

    /** A service for one of the two streams. */
    public RawOutput(Engine engine, Streams streams, StdStream output) {
        this.engine = engine;
        this.streams = streams;
        this.output = output;
    }

    @Override
    protected HttpResponse doGet(ServiceRequestContext context, HttpRequest request) {
        var stream = new HttpStream();
        streams.start("raw", stream, () -> serve(context, request.headers(), stream));
        return stream.response();
    }

    private void serve(ServiceRequestContext context, RequestHeaders headers, HttpStream stream)
            throws InterruptedException {
        var parameters = new Parameters(context, PARAMETERS);
        ContainerProcess process = Processes.find(engine, parameters.path("container"), parameters.path("exec"));
        boolean isFollowed = parameters.flag("follow");
        // The exit first: what is recorded afterwards is then known to be all.
        boolean isComplete = process.status().state().isDone();
        long recorded = process.streamLength(output);
        ByteRange range = range(process, headers, parameters, isFollowed, recorded);
        if (!range.isSatisfiable(recorded)) {
            stream.answer(notSatisfiable(range, recorded));
            return;
        }
        var request = new SubscriptionRequest(
                new From.Offset(output, range.from()),
                Set.of(Kind.OUTPUT),
                Set.of(output),
                isFollowed ? End.EXIT : End.NOW);
        try (var source = stream.closeAtEnd(Source.of(process.subscribe(request)))) {
            var copy = new RawCopy(stream, source, output, range);
            OptionalLong first = copy.firstOffsetIfGone();
            if (first.isPresent()) {
                stream.answer(gone(range.from(), first.getAsLong()));
                return;
            }
            stream.begin(headers(range, recorded, isFollowed, isComplete));
            TimelineRecord.Exit exit = copy.run();
            if (exit != null && isFollowed) {
                stream.complete(trailers(exit));
                return;
            }
            copy.requireWhole(isFollowed && range.to() == Long.MAX_VALUE ? process : null);
        }
        stream.complete();
    }

    private ByteRange range(
            ContainerProcess process,
            RequestHeaders headers,
            Parameters parameters,
            boolean isFollowed,
            long recorded) {
        Instant since = parameters.time("since");
        Instant until = parameters.time("until");
        Long tail = parameters.number("tail");
        Long offset = parameters.number("offset");
        Long length = parameters.number("length");
        if (offset != null && (since != null || tail != null)) {
            throw Parameters.invalid("offset", offset.toString(), "not together with since or tail");
        }
        if (until != null && (length != null || isFollowed)) {
            throw Parameters.invalid("until", until.toString(), "not together with length or follow");
        }
        String header = headers.get(HttpHeaderNames.RANGE);
        boolean isWhole = since == null && until == null && tail == null;
        ByteRange asked = header == null || isFollowed || !isWhole ? null : ByteRange.parse(header, recorded);
        if (asked != null) {
            return asked;
        }
        long from = Math.max(
                since == null ? 0 : process.offsetAtTime(output, since),
                tail == null ? 0 : process.offsetOfLastLines(output, tail, until));
        ByteRange range = ByteRange.of(isWhole ? offset : Long.valueOf(from), length);
        if (until != null) {
            long to = process.offsetAtTime(output, until.plusNanos(1));
            return new ByteRange(Math.min(from, to), to, false).within(Math.max(from, recorded));
        }
        return isFollowed ? range : range.within(Math.max(range.from(), recorded));
    }

    private static ResponseHeaders headers(ByteRange range, long recorded, boolean isFollowed, boolean isComplete) {
        ResponseHeadersBuilder headers = ResponseHeaders.builder(
                        range.isPartial() ? HttpStatus.PARTIAL_CONTENT : HttpStatus.OK)
                .contentType(MediaType.OCTET_STREAM)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
                .set(OFFSET, Long.toString(range.from()));
        if (isFollowed) {
            return headers.set(HttpHeaderNames.TRAILER, String.join(", ", LENGTH, CRC32, EXIT_CODE, EXIT_REASON))
                    .build();
        }
        if (range.isPartial()) {
            headers.set(
                    HttpHeaderNames.CONTENT_RANGE, "bytes %d-%d/%d".formatted(range.from(), range.to() - 1, recorded));
        }
        return headers.set(HttpHeaderNames.ACCEPT_RANGES, "bytes")
                .contentLength(range.length())
                .set(LENGTH, Long.toString(recorded))
                .set(COMPLETE, Boolean.toString(isComplete))
                .build();
    }

    private HttpHeaders trailers(TimelineRecord.Exit exit) {
        boolean isStdout = output == StdStream.STDOUT;
        long crc32 = isStdout ? exit.stdoutCrc32() : exit.stderrCrc32();
        return HttpHeaders.builder()
                .set(LENGTH, Long.toString(isStdout ? exit.stdoutLength() : exit.stderrLength()))
                .set(CRC32, HexFormat.of().toHexDigits((int) crc32))
                .set(EXIT_CODE, Integer.toString(exit.exitCode()))
                .set(EXIT_REASON, exit.reason().name().toLowerCase(Locale.ROOT))
                .build();
    }

    private static AggregatedHttpResponse notSatisfiable(ByteRange range, long recorded) {
        AggregatedHttpResponse error = HttpErrors.of(
                HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE.code(),
                "INVALID_ARGUMENT",
                "offset: %d (expected: at most %d)".formatted(range.from(), recorded),
                Status.Code.OUT_OF_RANGE);
        ResponseHeaders headers = error.headers().toBuilder()
                .set(HttpHeaderNames.CONTENT_RANGE, "bytes */" + recorded)
                .build();
        return AggregatedHttpResponse.of(headers, error.content());
    }

    private AggregatedHttpResponse gone(long from, long first) {
        String message = "%s: bytes %d to %d are no longer recorded (expected: offset=%d or more)"
                .formatted(output.name().toLowerCase(Locale.ROOT), from, first, first);
        return HttpErrors.of(HttpStatus.GONE.code(), "GONE", message, Status.Code.DATA_LOSS);
    }
}
