package io.tailrace.client;

import io.tailrace.api.v1.ContainersGrpc;
import io.tailrace.api.v1.WaitContainerRequest;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Waits for a container in slices: each call is bounded, so that a connection that died unnoticed cannot hold the caller
 * for ever, and a lost one only costs the slice. The next exit is the exception: between two slices it could be missed,
 * so it is one call for the whole time.
 */
final class ContainerWait {
    private static final Duration SLICE = Duration.ofSeconds(20);
    private static final Duration SLACK = Duration.ofSeconds(15);

    private final Connection connection;
    private final String container;
    private final WaitCondition condition;

    ContainerWait(Connection connection, String container, WaitCondition condition) {
        this.connection = connection;
        this.container = container;
        this.condition = condition;
    }

    Optional<ProcessStatus> await(@Nullable Duration timeout) {
        if (condition == WaitCondition.NEXT_EXIT) {
            return once(timeout);
        }
        long startedNanos = System.nanoTime();
        var backoff = new Backoff(FollowOptions.RECONNECT_TIMEOUT);
        while (true) {
            var left = timeout == null ? SLICE : timeout.minusNanos(System.nanoTime() - startedNanos);
            boolean isLast = timeout != null && left.compareTo(SLICE) <= 0;
            try {
                var status = once(left.isNegative() ? Duration.ZERO : left.compareTo(SLICE) < 0 ? left : SLICE);
                if (status.isPresent() || isLast) {
                    return status;
                }
                backoff.succeeded();
            } catch (TailraceException e) {
                if (e.code() != ErrorCode.UNAVAILABLE || connection.isClosed() || !backoff.pause()) {
                    throw e;
                }
                connection.reconnectNow();
            }
        }
    }

    private Optional<ProcessStatus> once(@Nullable Duration timeout) {
        var request = WaitContainerRequest.newBuilder()
                .setContainer(container)
                .setCondition(
                        switch (condition) {
                            case NOT_RUNNING -> io.tailrace.api.v1.WaitCondition.WAIT_CONDITION_NOT_RUNNING;
                            case NEXT_EXIT -> io.tailrace.api.v1.WaitCondition.WAIT_CONDITION_NEXT_EXIT;
                            case REMOVED -> io.tailrace.api.v1.WaitCondition.WAIT_CONDITION_REMOVED;
                            case HEALTHY -> io.tailrace.api.v1.WaitCondition.WAIT_CONDITION_HEALTHY;
                        });
        if (timeout != null) {
            request.setTimeout(Wire.duration(timeout));
        }
        try {
            var response = connection.call(
                    ContainersGrpc.getWaitMethod(), request.build(), timeout == null ? null : timeout.plus(SLACK));
            return Optional.of(ContainerWire.status(response.getStatus()));
        } catch (TailraceException e) {
            if (e.code() == ErrorCode.DEADLINE_EXCEEDED) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
