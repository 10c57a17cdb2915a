package io.tailrace.server.errors;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorsTest {
    /** As docs/contracts/errors.md has it. */
    private static final Map<ErrorCode, String> TABLE = Map.ofEntries(
            Map.entry(ErrorCode.INVALID_ARGUMENT, "INVALID_ARGUMENT 400"),
            Map.entry(ErrorCode.NOT_FOUND, "NOT_FOUND 404"),
            Map.entry(ErrorCode.ALREADY_EXISTS, "ALREADY_EXISTS 409"),
            Map.entry(ErrorCode.FAILED_PRECONDITION, "FAILED_PRECONDITION 409"),
            Map.entry(ErrorCode.UNSUPPORTED, "UNIMPLEMENTED 501"),
            Map.entry(ErrorCode.COMMAND_NOT_FOUND, "FAILED_PRECONDITION 409"),
            Map.entry(ErrorCode.COMMAND_NOT_EXECUTABLE, "FAILED_PRECONDITION 409"),
            Map.entry(ErrorCode.PERMISSION_DENIED, "PERMISSION_DENIED 403"),
            Map.entry(ErrorCode.INVALID_CURSOR, "OUT_OF_RANGE 400"),
            Map.entry(ErrorCode.RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED 429"),
            Map.entry(ErrorCode.UNAVAILABLE, "UNAVAILABLE 503"),
            Map.entry(ErrorCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED 504"),
            Map.entry(ErrorCode.INTERNAL, "INTERNAL 500"));

    @ParameterizedTest
    @EnumSource
    void everyCodeHasItsPlaceInEachProtocol(ErrorCode code) throws Exception {
        var failure = Failure.of(new EngineException(code, "what happened"));
        assertThat(failure.status() + " " + Errors.httpStatus(failure.status())).isEqualTo(TABLE.get(code));
        var grpc = GrpcErrors.of(new EngineException(code, "what happened"));
        assertThat(grpc.getStatus().getDescription()).isEqualTo("what happened");
        assertThat(GrpcErrors.reason(StatusProto.fromThrowable(grpc))).hasValue(code.name());
        assertThat(HttpErrors.of(failure).contentUtf8())
                .contains("\"code\":\"" + code.name() + "\"", "\"message\":\"what happened\"");
    }

    @Test
    void whatNobodyForesawIsAnIdAndNothingElse() {
        var failure = Failure.of(new IllegalStateException("secret"));
        assertThat(failure.status()).isEqualTo(Status.Code.INTERNAL);
        assertThat(failure.message()).matches("internal error [0-9a-f]{16}; the server's log says more");
    }
}
