package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.acceptance.Crowd.Door;
import io.tailrace.api.v1.Container;
import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One reader, connection or file too many: it is refused with a reason, and those that were there notice nothing. */
@DeliveryTest
@Tag("containerd")
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ServerLimitsTest {
    private static final int STREAMS_MAX = 40;
    private static final int CONNECTIONS_MAX = 12;
    private static final int DESCRIPTORS_MAX = 200;
    private static final Duration FOLLOW_LIMIT = Duration.ofSeconds(60);
    private static final Map<String, String> SETTINGS = Map.of(
            "TAILRACE_LIMITS_STREAMS_MAX",
            Integer.toString(STREAMS_MAX),
            "TAILRACE_LIMITS_CONNECTIONS_MAX",
            Integer.toString(CONNECTIONS_MAX),
            "TAILRACE_TIMELINES_RETENTION",
            "1s");

    @Test
    @Promise({2, 7})
    void readersBeyondTheLimitAreLeftHangingOrHarmTheOthers(Ledger ledger) {
        try (TailraceServerProcess server = TailraceServerProcess.startWithBusybox(SETTINGS, List.of())) {
            tooManyStreams(server, ledger);
            tooManyConnections(server, ledger);
        }
    }

    private static void tooManyStreams(TailraceServerProcess server, Ledger ledger) {
        KnownOutput output = KnownOutput.of(server, 100_000, 80);
        String id = output.writtenAtOnce(server).getId();
        try (Crowd crowd = new Crowd(server)) {
            List<Follower> there = new ArrayList<>();
            for (int i = 0; i < STREAMS_MAX; i++) {
                there.add(crowd.add(Door.turn(i), id, new Arrivals(output, new Lags())));
            }
            crowd.awaitConnected(FOLLOW_LIMIT);
            for (int i = 0; i < STREAMS_MAX; i++) {
                requireRefused(crowd.add(Door.turn(i), id, new Arrivals(output, new Lags())), Door.turn(i));
                ledger.attempt();
            }
            server.api().start(id);
            Crowd.awaitEnd(there, FOLLOW_LIMIT);
            there.forEach(follower -> follower.arrivals().count(ledger));
        }
        server.api().remove(id);
    }

    private static void tooManyConnections(TailraceServerProcess server, Ledger ledger) {
        KnownOutput output = KnownOutput.of(server, 100_000, 80);
        String id = output.writtenAtOnce(server).getId();
        try (Crowd crowd = new Crowd(server)) {
            List<Follower> there = new ArrayList<>();
            // One connection is the test's own, for commands.
            for (int i = 0; i < CONNECTIONS_MAX - 1; i++) {
                there.add(crowd.addSlow(Door.turn(i), id, new Arrivals(output, new Lags()), Follower.LIVE));
            }
            crowd.awaitConnected(FOLLOW_LIMIT);
            for (int i = 0; i < CONNECTIONS_MAX; i++) {
                requireRefused(
                        crowd.addSlow(Door.turn(i), id, new Arrivals(output, new Lags()), Follower.LIVE), Door.turn(i));
                ledger.attempt();
            }
            server.api().start(id);
            Crowd.awaitEnd(there, FOLLOW_LIMIT);
            there.forEach(follower -> follower.arrivals().count(ledger));
        }
        server.api().remove(id);
    }

    private static void requireRefused(Follower follower, Door door) {
        assertThat(follower.ended())
                .as("one too many by %s", door)
                .failsWithin(FOLLOW_LIMIT)
                .withThrowableOfType(ExecutionException.class)
                .withMessageContaining(door == Door.GRPC ? "RESOURCE_EXHAUSTED" : "429");
    }

    @Test
    @Promise({1, 7})
    void aServerOutOfFileDescriptorsLosesOutputOrDies(Ledger ledger) {
        List<String> prefix = List.of("prlimit", "--nofile=" + DESCRIPTORS_MAX + ":" + DESCRIPTORS_MAX);
        try (TailraceServerProcess server = TailraceServerProcess.startWithBusybox(SETTINGS, prefix)) {
            KnownOutput output = KnownOutput.of(server, 1_000_000, 80);
            String id = output.writtenInPieces(server, 10_000, 20).getId();
            try (Crowd crowd = new Crowd(server)) {
                Follower follower = crowd.add(Door.GRPC, id, new Arrivals(output, new Lags()));
                crowd.awaitConnected(FOLLOW_LIMIT);
                server.api().start(id);
                List<String> ids = new ArrayList<>();
                StatusRuntimeException failure = null;
                for (int i = 0; i < DESCRIPTORS_MAX && failure == null; i++) {
                    failure = catchThrowableOfType(StatusRuntimeException.class, () -> {
                        Container container = server.api().run("exec sleep 1000");
                        ids.add(container.getId());
                    });
                    ledger.attempt();
                }
                assertThat(failure).as("what one container too many is told").isNotNull();
                assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                Crowd.awaitEnd(List.of(follower), FOLLOW_LIMIT);
                follower.arrivals().count(ledger);
                ids.forEach(server.api()::remove);
                assertThat(server.api()
                                .follow(server.api().run("echo again").getId(), "")
                                .stdoutText())
                        .isEqualTo("again\n");
            }
        }
    }
}
