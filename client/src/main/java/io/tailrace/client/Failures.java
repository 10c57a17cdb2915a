package io.tailrace.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import java.io.FileNotFoundException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import org.jspecify.annotations.Nullable;

/** From gRPC's failures to {@link TailraceException}: by the reason in the status details, else by the status code. */
final class Failures {
    private static final Metadata.Key<com.google.rpc.Status> DETAILS = Metadata.Key.of(
            "grpc-status-details-bin", ProtoUtils.metadataMarshaller(com.google.rpc.Status.getDefaultInstance()));

    private Failures() {}

    static TailraceException of(StatusRuntimeException failure, String address) {
        return of(failure.getStatus(), failure.getTrailers(), address);
    }

    static TailraceException of(Status status, @Nullable Metadata trailers, String address) {
        ErrorCode code = reason(trailers);
        if (code == null) {
            code = isClosedChannel(status.getCause()) ? ErrorCode.UNAVAILABLE : of(status.getCode());
        }
        return new TailraceException(code, message(status, code, address), status.getCause());
    }

    static TailraceException interrupted() {
        Thread.currentThread().interrupt();
        return new TailraceException(ErrorCode.CANCELLED, "interrupted while waiting for the server");
    }

    /** Whether the same call may succeed on a new connection: the transport failed, not the request. */
    static boolean isConnectionLost(Status status, @Nullable Metadata trailers) {
        ErrorCode reason = reason(trailers);
        if (reason != null) {
            return reason == ErrorCode.UNAVAILABLE;
        }
        return switch (status.getCode()) {
            // A stream that a dying server or a proxy resets comes as any of these; none is an answer to the request.
            case UNAVAILABLE, CANCELLED, INTERNAL, UNKNOWN, DEADLINE_EXCEEDED, ABORTED -> true;
            default -> false;
        };
    }

    private static @Nullable ErrorCode reason(@Nullable Metadata trailers) {
        com.google.rpc.Status details = trailers == null ? null : trailers.get(DETAILS);
        if (details == null) {
            return null;
        }
        for (var detail : details.getDetailsList()) {
            if (detail.is(ErrorInfo.class)) {
                try {
                    return ErrorCode.valueOf(detail.unpack(ErrorInfo.class).getReason());
                } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
                    // A reason of a newer server: the status code still says what kind of failure it is.
                    return null;
                }
            }
        }
        return null;
    }

    /** A connection that breaks just when a call is begun: gRPC says UNKNOWN then, and UNAVAILABLE a moment later. */
    private static boolean isClosedChannel(@Nullable Throwable cause) {
        for (var each = cause; each != null; each = each.getCause()) {
            if (each instanceof ClosedChannelException) {
                return true;
            }
        }
        return false;
    }

    private static ErrorCode of(Status.Code code) {
        return switch (code) {
            case INVALID_ARGUMENT, OUT_OF_RANGE -> ErrorCode.INVALID_ARGUMENT;
            case NOT_FOUND -> ErrorCode.NOT_FOUND;
            case ALREADY_EXISTS -> ErrorCode.ALREADY_EXISTS;
            case FAILED_PRECONDITION, ABORTED -> ErrorCode.FAILED_PRECONDITION;
            case UNIMPLEMENTED -> ErrorCode.UNSUPPORTED;
            case PERMISSION_DENIED -> ErrorCode.PERMISSION_DENIED;
            case UNAUTHENTICATED -> ErrorCode.UNAUTHENTICATED;
            case RESOURCE_EXHAUSTED -> ErrorCode.RESOURCE_EXHAUSTED;
            case UNAVAILABLE -> ErrorCode.UNAVAILABLE;
            case DEADLINE_EXCEEDED -> ErrorCode.DEADLINE_EXCEEDED;
            case CANCELLED -> ErrorCode.CANCELLED;
            case DATA_LOSS -> ErrorCode.CORRUPT;
            case OK, UNKNOWN, INTERNAL -> ErrorCode.INTERNAL;
        };
    }

    /** What the transport met. Some of its exceptions say it by their type alone. */
    private static String words(Throwable failure) {
        return switch (failure) {
            case FileNotFoundException e -> "no such file";
            case UnresolvedAddressException e -> "unknown host";
            case UnknownHostException e -> "unknown host";
            case ClosedChannelException e -> "connection closed";
            default -> {
                var message = failure.getMessage();
                yield message == null ? failure.getClass().getSimpleName() : message;
            }
        };
    }

    private static String message(Status status, ErrorCode code, String address) {
        var description = status.getDescription();
        var cause = status.getCause();
        // The transport's own failures say only "io exception"; what happened to the connection is in the cause.
        if (code == ErrorCode.UNAVAILABLE && cause != null) {
            var root = cause;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            return "cannot reach the server at %s: %s".formatted(address, words(root));
        }
        if (code == ErrorCode.UNAUTHENTICATED) {
            return "the server at %s wants a token (TAILRACE_TOKEN)%s"
                    .formatted(address, description == null ? "" : ": " + description);
        }
        return description == null || description.isEmpty()
                ? status.getCode().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ')
                : description;
    }
}
