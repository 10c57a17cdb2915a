package io.tailrace.server.errors;

import io.grpc.Status;
import io.tailrace.engine.ErrorCode;

/** The table of errors: what each code of the engine is in gRPC, and what each gRPC status is in HTTP. */
public final class Errors {
    private Errors() {}

    /** The gRPC status of an engine's code. */
    public static Status.Code grpcStatus(ErrorCode code) {
        return switch (code) {
            case INVALID_ARGUMENT -> Status.Code.INVALID_ARGUMENT;
            case NOT_FOUND -> Status.Code.NOT_FOUND;
            case ALREADY_EXISTS -> Status.Code.ALREADY_EXISTS;
            case FAILED_PRECONDITION, COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE -> Status.Code.FAILED_PRECONDITION;
            case UNSUPPORTED -> Status.Code.UNIMPLEMENTED;
            case PERMISSION_DENIED -> Status.Code.PERMISSION_DENIED;
            case INVALID_CURSOR -> Status.Code.OUT_OF_RANGE;
            case RESOURCE_EXHAUSTED -> Status.Code.RESOURCE_EXHAUSTED;
            case UNAVAILABLE -> Status.Code.UNAVAILABLE;
            case DEADLINE_EXCEEDED -> Status.Code.DEADLINE_EXCEEDED;
            case INTERNAL -> Status.Code.INTERNAL;
        };
    }

    /** The HTTP status of a gRPC status. As in google.rpc.Code, but for states that do not allow it: 409, not 400. */
    public static int httpStatus(Status.Code status) {
        return switch (status) {
            case OK -> 200;
            case INVALID_ARGUMENT, OUT_OF_RANGE -> 400;
            case UNAUTHENTICATED -> 401;
            case PERMISSION_DENIED -> 403;
            case NOT_FOUND -> 404;
            case ALREADY_EXISTS, FAILED_PRECONDITION, ABORTED -> 409;
            case RESOURCE_EXHAUSTED -> 429;
            case CANCELLED -> 499;
            case UNIMPLEMENTED -> 501;
            case UNAVAILABLE -> 503;
            case DEADLINE_EXCEEDED -> 504;
            case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
        };
    }
}
