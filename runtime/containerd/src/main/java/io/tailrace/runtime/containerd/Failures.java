package io.tailrace.runtime.containerd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;
import java.util.function.Supplier;

/** Turns what containerd and the kernel report into the runtime interface's one exception. */
final class Failures {
    private Failures() {}

    /** Makes a call, and speaks of what was being done if it fails. */
    static <T> T calling(String action, Supplier<T> call) {
        try {
            return call.get();
        } catch (StatusRuntimeException failure) {
            throw of(action, failure);
        }
    }

    static ContainerRuntimeException of(String action, StatusRuntimeException failure) {
        Code code =
                isOutOfFiles(description(failure)) ? Code.RESOURCE_EXHAUSTED : codeOf(statusCode(failure.getStatus()));
        return new ContainerRuntimeException(code, "%s: %s".formatted(action, description(failure)), failure);
    }

    static ContainerRuntimeException of(String action, IOException failure) {
        String message = String.valueOf(failure.getMessage());
        Code code = isOutOfFiles(message) ? Code.RESOURCE_EXHAUSTED : Code.INTERNAL;
        return new ContainerRuntimeException(code, "%s: %s".formatted(action, message), failure);
    }

    /** Whether a limit on file descriptors is reached, here or in containerd: neither Java nor containerd has a type for it. */
    private static boolean isOutOfFiles(String message) {
        return message.toLowerCase(Locale.ROOT).contains(Linux.OUT_OF_FILES);
    }

    static boolean is(StatusRuntimeException failure, Status.Code code) {
        return statusCode(failure.getStatus()) == code;
    }

    /** gRPC says UNKNOWN of a connection that breaks just when a call is begun on it, and UNAVAILABLE a moment later. */
    private static Status.Code statusCode(Status status) {
        if (status.getCode() == Status.Code.UNKNOWN) {
            for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
                if (cause instanceof ClosedChannelException) {
                    return Status.Code.UNAVAILABLE;
                }
            }
        }
        return status.getCode();
    }

    /** Whether the call may have been done all the same: it broke off, as when containerd is killed. */
    static boolean isInDoubt(StatusRuntimeException failure) {
        return is(failure, Status.Code.UNAVAILABLE) || is(failure, Status.Code.DEADLINE_EXCEEDED);
    }

    static String description(StatusRuntimeException failure) {
        String description = failure.getStatus().getDescription();
        return description == null ? failure.getStatus().getCode().toString() : description;
    }

    private static Code codeOf(Status.Code status) {
        return switch (status) {
            case NOT_FOUND -> Code.NOT_FOUND;
            case ALREADY_EXISTS -> Code.ALREADY_EXISTS;
            case INVALID_ARGUMENT, OUT_OF_RANGE -> Code.INVALID_ARGUMENT;
            case FAILED_PRECONDITION, ABORTED -> Code.FAILED_PRECONDITION;
            case UNIMPLEMENTED -> Code.UNSUPPORTED;
            case RESOURCE_EXHAUSTED -> Code.RESOURCE_EXHAUSTED;
            case PERMISSION_DENIED, UNAUTHENTICATED -> Code.PERMISSION_DENIED;
            case UNAVAILABLE -> Code.UNAVAILABLE;
            case DEADLINE_EXCEEDED -> Code.DEADLINE_EXCEEDED;
            default -> Code.INTERNAL;
        };
    }
}
