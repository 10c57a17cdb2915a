package io.tailrace.server.errors;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.grpc.GrpcExceptionHandlerFunction;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Optional;

/** Failures in gRPC: a status whose details hold a google.rpc.ErrorInfo with the code as its reason. */
public final class GrpcErrors {
    /** The domain of the reasons. */
    public static final String DOMAIN = "tailrace";

    private GrpcErrors() {}

    /** The status of an exception; one that is a status already stays as it is. */
    public static StatusRuntimeException of(Throwable cause) {
        return cause instanceof StatusRuntimeException status ? status : of(Failure.of(cause));
    }

    /** The status of a failure. */
    public static StatusRuntimeException of(Failure failure) {
        var info = ErrorInfo.newBuilder().setReason(failure.code()).setDomain(DOMAIN);
        return StatusProto.toStatusRuntimeException(Status.newBuilder()
                .setCode(failure.status().value())
                .setMessage(failure.message())
                .addDetails(Any.pack(info.build()))
                .build());
    }

    /** Statuses of requests that fail before a service sees them: too large, or not what the message's type says. */
    public static GrpcExceptionHandlerFunction ofRequests() {
        return (context, status, cause, metadata) -> {
            for (Throwable reason = cause; reason != null; reason = reason.getCause()) {
                if (reason instanceof ContentTooLargeException tooLarge) {
                    return Code.RESOURCE_EXHAUSTED
                            .toStatus()
                            .withDescription("request: larger than %d bytes (expected: at most that)"
                                    .formatted(tooLarge.maxContentLength()));
                }
                if (reason instanceof InvalidProtocolBufferException malformed) {
                    return Code.INVALID_ARGUMENT.toStatus().withDescription("request: " + malformed.getMessage());
                }
            }
            return null;
        };
    }

    /** Whether a request or an answer is of gRPC, or gRPC-Web. */
    public static boolean isGrpc(MediaType type) {
        return "application".equals(type.type()) && type.subtype().startsWith("grpc");
    }

    /** The answer to a call that no service sees: its status in the headers of a response without a body. */
    public static AggregatedHttpResponse trailersOnly(MediaType type, Code status, String message) {
        return AggregatedHttpResponse.of(ResponseHeaders.builder(HttpStatus.OK)
                .contentType(type)
                .set("grpc-status", Integer.toString(status.value()))
                .set("grpc-message", message)
                .endOfStream(true)
                .build());
    }

    /** The code that a status carries in its details. */
    public static Optional<String> reason(Status status) throws InvalidProtocolBufferException {
        for (Any detail : status.getDetailsList()) {
            if (detail.is(ErrorInfo.class)) {
                return Optional.of(detail.unpack(ErrorInfo.class).getReason());
            }
        }
        return Optional.empty();
    }
}
