package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

class FailuresTest {
    private static StatusRuntimeException failure(Status.Code code, Throwable cause) {
        return code.toStatus()
                .withDescription("channel closed")
                .withCause(cause)
                .asRuntimeException();
    }

    @Test
    void aConnectionThatBreaksWhenACallIsBegunIsNoFaultOfTheServer() {
        StatusRuntimeException broken = failure(Status.Code.UNKNOWN, new ClosedChannelException());
        assertThat(Failures.of("remove", broken).code()).isEqualTo(Code.UNAVAILABLE);
        assertThat(Failures.isInDoubt(broken)).isTrue();
    }

    @Test
    void whatContainerdItselfDoesNotKnowIsOne() {
        StatusRuntimeException unknown = failure(Status.Code.UNKNOWN, new IllegalStateException());
        assertThat(Failures.of("remove", unknown).code()).isEqualTo(Code.INTERNAL);
        assertThat(Failures.isInDoubt(unknown)).isFalse();
    }
}
