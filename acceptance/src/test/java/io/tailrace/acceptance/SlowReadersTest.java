package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.acceptance.Crowd.Door;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Readers that do not keep up, by every door, beside ones that do, on a container that writes as fast as it can. */
@DeliveryTest
@Alone
@Tag("containerd")
class SlowReadersTest {
    private static final int LINE_PADDING_BYTES = 100;
    private static final int SLOW_BYTES_PER_SECOND = 10_000;
    private static final Duration FOLLOW_LIMIT = Duration.ofSeconds(110);
    /** Of the median of the rounds. Generous: other things run on the machine too. */
    private static final double RATIO_MIN = 0.5;

    private static final int ROUNDS_MAX = 9;
    /** Of live objects. */
    private static final long HEAP_GROWTH_BYTES_MAX = 32L << 20;
    /** Of what is not heap. */
    private static final long RESIDENT_GROWTH_BYTES_MAX = 96L << 20;
    /**
     * The heap has its full size from the start: otherwise what its collector happens to hold, which is more than slow readers
     * may cost, would be taken for theirs.
     */
    private static final Map<String, String> SETTINGS =
            Map.of("JAVA_TOOL_OPTIONS", "-XX:InitialHeapSize=384m -XX:+AlwaysPreTouch");

    /** What one round showed. @param writtenPerSecond bytes @param lagMillis of all but a hundredth of the live outputs */
    private record Round(double writtenPerSecond, double lagMillis, long residentBytes) {}

    @Test
    @Promise({1, 2, 7})
    @Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void stalledAndSlowReadersHoldUpTheContainerOrTheOtherReaders(Ledger ledger) {
        try (TailraceServerProcess server = TailraceServerProcess.startWithBusybox(SETTINGS, List.of())) {
            compareRounds(server, ledger);
        }
    }

    private static void compareRounds(TailraceServerProcess server, Ledger ledger) {
        int live = ledger.isLong() ? 100 : 12;
        int rounds = ledger.isLong() ? 5 : 3;
        KnownOutput output = KnownOutput.of(server, (ledger.isLong() ? 32 : 8) << 20, LINE_PADDING_BYTES);
        round(server, ledger, output, live, false);
        long heapBefore = server.usage().liveHeapBytes();
        List<Round> alone = new ArrayList<>();
        List<Round> beside = new ArrayList<>();
        double speed = 0;
        double delay = Double.MAX_VALUE;
        // On a machine that does other things as well, a few rounds say little.
        while (alone.size() < rounds || (alone.size() < ROUNDS_MAX && (speed < RATIO_MIN || delay > 1 / RATIO_MIN))) {
            alone.add(round(server, ledger, output, live, false));
            beside.add(round(server, ledger, output, live, true));
            speed = median(beside, Round::writtenPerSecond) / median(alone, Round::writtenPerSecond);
            delay = median(beside, Round::lagMillis) / median(alone, Round::lagMillis);
        }
        long resident = max(beside) - max(alone);
        long heap = server.usage().liveHeapBytes() - heapBefore;
        ledger.note(
                "%d live beside slow ones: writer %.2f of %.0f MB/s, lag p99 %.2f of %.0f ms, heap %+d MB, RSS %+d MB"
                        .formatted(
                                live,
                                speed,
                                median(alone, Round::writtenPerSecond) / 1e6,
                                delay,
                                median(alone, Round::lagMillis),
                                heap >> 20,
                                resident >> 20));
        assertThat(speed).as("speed of the writer beside slow readers").isGreaterThanOrEqualTo(RATIO_MIN);
        assertThat(delay).as("delay of live readers beside slow ones").isLessThanOrEqualTo(1 / RATIO_MIN);
        assertThat(heap).as("growth of the heap over all rounds").isLessThan(HEAP_GROWTH_BYTES_MAX);
        assertThat(resident).as("growth of resident memory").isLessThan(RESIDENT_GROWTH_BYTES_MAX);
    }

    private static Round round(
            TailraceServerProcess server, Ledger ledger, KnownOutput output, int live, boolean isBesideSlow) {
        String id = output.writtenAtOnce(server).getId();
        Lags lags = new Lags();
        List<Follower> fast = new ArrayList<>();
        List<Follower> slow = new ArrayList<>();
        try (Crowd crowd = new Crowd(server)) {
            for (int i = 0; i < live; i++) {
                fast.add(crowd.add(Door.turn(i), id, new Arrivals(output, lags)));
            }
            if (isBesideSlow) {
                for (int i = 0; i < 12; i++) {
                    Arrivals arrivals = new Arrivals(output, new Lags());
                    slow.add(crowd.addSlow(
                            Door.turn(i), id, arrivals, i < 3 ? Follower.STALLED : SLOW_BYTES_PER_SECOND));
                }
            }
            crowd.awaitConnected(FOLLOW_LIMIT);
            long heapBefore = isBesideSlow ? server.usage().liveHeapBytes() : 0;
            server.api().start(id);
            Crowd.awaitEnd(fast, FOLLOW_LIMIT);
            long resident = server.usage().residentBytes();
            if (isBesideSlow) {
                assertThat(server.usage().liveHeapBytes() - heapBefore)
                        .as("growth of the heap while slow readers lag behind")
                        .isLessThan(HEAP_GROWTH_BYTES_MAX);
                goOn(slow, output);
            }
            fast.forEach(follower -> follower.arrivals().count(ledger));
            slow.forEach(follower -> follower.arrivals().count(ledger));
            return new Round(writtenPerSecond(server, id, output), lags.millis(0.99), resident);
        } finally {
            server.api().remove(id);
        }
    }

    /** Has slow readers read on at full speed when all is over; each has a beginning by then, and a part of the whole. */
    private static void goOn(List<Follower> slow, KnownOutput output) {
        for (Follower follower : slow) {
            assertThat(follower.ended()).as("a slow reader").isNotDone();
            assertThat(follower.arrivals().bytes()).as("what it has").isBetween(0L, output.length() / 2L);
            assertThat(follower.arrivals().isRight()).as("what it has is right").isTrue();
        }
        slow.forEach(Follower::goOn);
        Crowd.awaitEnd(slow, FOLLOW_LIMIT);
    }

    /** How fast the container got rid of its output, by the server's own times. */
    private static double writtenPerSecond(TailraceServerProcess server, String id, KnownOutput output) {
        long[] span = {Long.MAX_VALUE, 0};
        server.api()
                .timelines()
                .follow(FollowRequest.newBuilder().setContainer(id).build())
                .forEachRemaining(response -> {
                    if (response.getRecord().hasOutput()) {
                        span[0] = Math.min(span[0], response.getRecord().getTimestampNanos());
                        span[1] = response.getRecord().getTimestampNanos();
                    }
                });
        return output.length() / ((span[1] - span[0]) / 1e9);
    }

    private static double median(List<Round> rounds, ToDoubleFunction<Round> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static long max(List<Round> rounds) {
        return rounds.stream().mapToLong(Round::residentBytes).max().orElseThrow();
    }
}
