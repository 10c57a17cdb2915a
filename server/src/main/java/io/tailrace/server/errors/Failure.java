package io.tailrace.server.errors;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A failure as callers see it, before a protocol gives it a shape (docs/contracts/errors.md). What nobody foresaw is
 * logged under an id, and the caller sees the id alone.
 *
 * @param status its gRPC status code
 * @param code its own code: the name of an {@link ErrorCode}, or of the gRPC status where the engine was not asked
 * @param message for people
 */
public record Failure(Status.Code status, String code, String message) {
    private static final Logger log = LoggerFactory.getLogger(Failure.class);

    /** The failure that an exception stands for. */
    public static Failure of(Throwable cause) {
        return switch (cause) {
            case EngineException failure -> of(failure.code(), message(failure));
            case StatusRuntimeException failure -> of(failure.getStatus());
            case StatusException failure -> of(failure.getStatus());
            default -> unforeseen(cause);
        };
    }

    /** A failure with one of the engine's codes. */
    public static Failure of(ErrorCode code, String message) {
        return new Failure(Errors.grpcStatus(code), code.name(), message);
    }

    private static Failure of(Status status) {
        var description = status.getDescription();
        return new Failure(status.getCode(), status.getCode().name(), description == null ? "" : description);
    }

    private static Failure unforeseen(Throwable cause) {
        String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        log.error("internal error {}", id, cause);
        return of(ErrorCode.INTERNAL, "internal error %s; the server's log says more".formatted(id));
    }

    private static String message(EngineException failure) {
        return Objects.requireNonNullElse(failure.getMessage(), failure.code().name());
    }
}
