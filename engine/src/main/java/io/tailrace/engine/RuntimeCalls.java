package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import java.util.function.Supplier;

/** The one place where a runtime's failures become the engine's. */
final class RuntimeCalls {
    private RuntimeCalls() {}

    static <T> T call(Supplier<T> call) {
        try {
            return call.get();
        } catch (ContainerRuntimeException e) {
            throw failure(e);
        }
    }

    static void run(Runnable call) {
        try {
            call.run();
        } catch (ContainerRuntimeException e) {
            throw failure(e);
        }
    }

    static EngineException failure(ContainerRuntimeException e) {
        ErrorCode code = switch (e.code()) {
            case NOT_FOUND -> ErrorCode.NOT_FOUND;
            case ALREADY_EXISTS -> ErrorCode.ALREADY_EXISTS;
            case INVALID_ARGUMENT -> ErrorCode.INVALID_ARGUMENT;
            case FAILED_PRECONDITION -> ErrorCode.FAILED_PRECONDITION;
            case UNSUPPORTED -> ErrorCode.UNSUPPORTED;
            case COMMAND_NOT_FOUND -> ErrorCode.COMMAND_NOT_FOUND;
            case COMMAND_NOT_EXECUTABLE -> ErrorCode.COMMAND_NOT_EXECUTABLE;
            case RESOURCE_EXHAUSTED -> ErrorCode.RESOURCE_EXHAUSTED;
            case PERMISSION_DENIED -> ErrorCode.PERMISSION_DENIED;
            case UNAVAILABLE -> ErrorCode.UNAVAILABLE;
            case DEADLINE_EXCEEDED -> ErrorCode.DEADLINE_EXCEEDED;
            case INTERNAL -> ErrorCode.INTERNAL;
        };
        return new EngineException(code, String.valueOf(e.getMessage()), e);
    }
}
