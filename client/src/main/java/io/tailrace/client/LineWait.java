package io.tailrace.client;

import io.tailrace.api.v1.TimelinesGrpc;
import io.tailrace.api.v1.WaitForLineRequest;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Waits for a line; over a lost connection it begins again, with the time that is left. */
final class LineWait {
    private static final Duration SLACK = Duration.ofSeconds(15);

    private LineWait() {}

    static Optional<LineMatch> await(Connection connection, String container, String exec, LineOptions options) {
        var request = options.request().setContainer(container).setExec(exec);
        var timeout = options.timeout();
        long startedNanos = System.nanoTime();
        var backoff = new Backoff(FollowOptions.RECONNECT_TIMEOUT);
        while (true) {
            long callNanos = System.nanoTime();
            var left = timeout == null ? null : left(timeout, startedNanos);
            try {
                return once(connection, request, left);
            } catch (TailraceException e) {
                if (System.nanoTime() - callNanos > FollowOptions.RECONNECT_TIMEOUT.toNanos()) {
                    backoff.succeeded(); // the call went well for long
                }
                if (e.code() != ErrorCode.UNAVAILABLE || connection.isClosed() || !backoff.pause()) {
                    throw e;
                }
                connection.reconnectNow();
            }
        }
    }

    private static Duration left(Duration timeout, long startedNanos) {
        var left = timeout.minusNanos(System.nanoTime() - startedNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }

    private static Optional<LineMatch> once(
            Connection connection, WaitForLineRequest.Builder request, @Nullable Duration timeout) {
        if (timeout != null) {
            request.setTimeout(Wire.duration(timeout));
        }
        try {
            return Optional.of(TimelineWire.line(connection.call(
                    TimelinesGrpc.getWaitForLineMethod(),
                    request.build(),
                    timeout == null ? null : timeout.plus(SLACK))));
        } catch (TailraceException e) {
            if (e.code() == ErrorCode.DEADLINE_EXCEEDED) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
