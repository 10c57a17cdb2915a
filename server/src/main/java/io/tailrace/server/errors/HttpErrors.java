package io.tailrace.server.errors;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Status;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.grpc.UnframedGrpcErrorHandler;
import io.grpc.Status.Code;
import java.util.Base64;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Failures in HTTP: a JSON object with {@code code}, {@code status} (the number), {@code message} and {@code grpc}. */
public final class HttpErrors {
    private static final ObjectMapper JSON = new ObjectMapper();

    private HttpErrors() {}

    /** The response to a request that failed. */
    public static HttpResponse of(Throwable cause) {
        return of(Failure.of(cause)).toHttpResponse();
    }

    /** The response to a request that failed. */
    public static AggregatedHttpResponse of(Failure failure) {
        return of(Errors.httpStatus(failure.status()), failure.code(), failure.message(), failure.status());
    }

    /** A response with an HTTP status of its own. */
    public static AggregatedHttpResponse of(int status, String code, String message, Code grpc) {
        ObjectNode body = JSON.createObjectNode()
                .put("code", code)
                .put("status", status)
                .put("message", message)
                .put("grpc", grpc.name());
        ResponseHeaders headers = ResponseHeaders.builder(HttpStatus.valueOf(status))
                .contentType(MediaType.JSON_UTF_8)
                .build();
        return AggregatedHttpResponse.of(headers, HttpData.ofUtf8(body + "\n"));
    }

    /** Renders what failed in a transcoded call. */
    public static UnframedGrpcErrorHandler ofTranscodedCalls() {
        return (context, status, response) -> {
            HttpHeaders trailers = response.trailers().isEmpty() ? response.headers() : response.trailers();
            var failure = new Failure(
                    status.getCode(),
                    reason(trailers).orElse(status.getCode().name()),
                    Objects.requireNonNullElse(status.getDescription(), ""));
            return of(failure).toHttpResponse();
        };
    }

    /** Renders what failed before a service answered: routing, limits, malformed requests. */
    public static ServerErrorHandler ofServer() {
        return new ServerErrors();
    }

    private static Optional<String> reason(HttpHeaders trailers) {
        String details = trailers.get("grpc-status-details-bin");
        if (details == null) {
            return Optional.empty();
        }
        try {
            return GrpcErrors.reason(Status.parseFrom(Base64.getDecoder().decode(details)));
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static final class ServerErrors implements ServerErrorHandler {
        @Override
        public @Nullable HttpResponse onServiceException(ServiceRequestContext context, Throwable cause) {
            if (cause instanceof HttpStatusException failure
                    && failure.getCause() instanceof IllegalArgumentException) {
                String message = Objects.requireNonNullElse(failure.getCause().getMessage(), "malformed request");
                return render(failure.httpStatus(), message).toHttpResponse();
            }
            return null;
        }

        @Override
        public @Nullable AggregatedHttpResponse renderStatus(
                @Nullable ServiceRequestContext context,
                ServiceConfig config,
                @Nullable RequestHeaders headers,
                HttpStatus status,
                @Nullable String description,
                @Nullable Throwable cause) {
            if (status.isContentAlwaysEmpty()) {
                return null;
            }
            String message = Objects.requireNonNullElse(description, status.reasonPhrase());
            MediaType type = headers == null ? null : headers.contentType();
            if (type != null && GrpcErrors.isGrpc(type)) {
                return GrpcErrors.trailersOnly(type, grpcStatus(status.code()), message);
            }
            return render(status, message);
        }

        private static AggregatedHttpResponse render(HttpStatus status, String message) {
            String code = status.reasonPhrase().toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]+", "_");
            return of(status.code(), code, message, grpcStatus(status.code()));
        }

        private static Code grpcStatus(int status) {
            return switch (status) {
                case 400, 405, 415 -> Code.INVALID_ARGUMENT;
                case 413, 429 -> Code.RESOURCE_EXHAUSTED;
                case 401 -> Code.UNAUTHENTICATED;
                case 403 -> Code.PERMISSION_DENIED;
                case 404 -> Code.NOT_FOUND;
                case 503 -> Code.UNAVAILABLE;
                default -> status >= 500 ? Code.INTERNAL : Code.UNKNOWN;
            };
        }
    }
}
