package io.tailrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

class FailuresTest {
    /** As gRPC says it of a call that is begun while its connection breaks. */
    @Test
    void aConnectionThatBreaksAsACallBeginsIsUnavailableAndNoFailureOfTheServer() {
        var broken = Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException());
        var failure = Failures.of(broken, null, "http://127.0.0.1:8080");
        assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(failure).hasMessageContaining("http://127.0.0.1:8080").hasMessageContaining("connection closed");
    }

    @Test
    void whatTheServerItselfDoesNotKnowIsInternal() {
        var unknown = Status.UNKNOWN.withCause(new IOException("of the application's own"));
        assertThat(Failures.of(unknown, null, "http://127.0.0.1:8080").code()).isEqualTo(ErrorCode.INTERNAL);
    }
}
