package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.acceptance.Crowd.Door;
import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Very many readers at once, by all doors: each gets every byte, and costs little. */
@Acceptance
@DeliveryTest
@Alone
class ManyFollowersTest {
    private static final Duration FOLLOW_LIMIT = Duration.ofMinutes(5);
    private static final int LINE_PADDING_BYTES = 80;
    /** Of live objects, and of resident memory, which is more: the heap's spare room, buffers of the network. */
    private static final long HEAP_PER_FOLLOWER_BYTES_MAX = 32 << 10;

    private static final long RESIDENT_PER_FOLLOWER_BYTES_MAX = 256 << 10;
    /** The server has a few threads more when it has more to do, but not one for each reader. */
    private static final int THREADS_MORE_MAX = 32;

    private final TailraceServerProcess server;

    ManyFollowersTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    @Promise({1, 2, 7})
    @Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void oneOfVeryManyReadersOfABusyContainerMissesSomething(Ledger ledger) {
        // 1 MB/s
        KnownOutput output = KnownOutput.of(server, ledger.isLong() ? 5_000_000 : 1_000_000, LINE_PADDING_BYTES);
        String id = output.writtenInPieces(server, 50_000, 50).getId();
        try {
            follow(ledger, output, id);
            compareWithLateOnes(ledger, output, id);
        } finally {
            server.api().remove(id);
        }
    }

    @Test
    @Promise({1, 2, 7})
    @Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void oneOfVeryManyReadersOfAFewLinesASecondMissesOne(Ledger ledger) {
        // 50 lines a second
        int seconds = ledger.isLong() ? 20 : 2;
        KnownOutput output = KnownOutput.of(server, seconds * 50 * (LINE_PADDING_BYTES + 10), LINE_PADDING_BYTES);
        String id = output.writtenInPieces(server, LINE_PADDING_BYTES + 10, 20).getId();
        try {
            follow(ledger, output, id);
        } finally {
            server.api().remove(id);
        }
    }

    private void follow(Ledger ledger, KnownOutput output, String id) {
        int count = ledger.isLong() ? 1_000 : 200;
        Lags lags = new Lags();
        try (Crowd crowd = new Crowd(server)) {
            List<Follower> followers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                followers.add(crowd.add(door(i), id, new Arrivals(output, lags)));
            }
            crowd.awaitConnected(FOLLOW_LIMIT);
            int threads = server.usage().threads();
            long heap = server.usage().liveHeapBytes();
            long startNanos = System.nanoTime();
            server.api().start(id);
            Crowd.awaitEnd(followers, FOLLOW_LIMIT);
            double seconds = (System.nanoTime() - startNanos) / 1e9;
            followers.forEach(follower -> follower.arrivals().count(ledger));
            ledger.note("%d followers: lag %s; %.0f MB/s in all; heap %+d MB, %+d threads"
                    .formatted(
                            count,
                            lags,
                            (double) count * output.length() / 1e6 / seconds,
                            (server.usage().liveHeapBytes() - heap) >> 20,
                            server.usage().threads() - threads));
            assertThat(server.usage().threads() - threads).as("threads").isLessThan(THREADS_MORE_MAX);
        }
    }

    /** Who comes when it is over gets the same, by every door and by the command. */
    private void compareWithLateOnes(Ledger ledger, KnownOutput output, String id) {
        try (Crowd crowd = new Crowd(server);
                Command logs = server.startCommand("logs", "-f", id)) {
            List<Follower> late = new ArrayList<>();
            for (Door door : Door.values()) {
                late.add(crowd.add(door, id, new Arrivals(output, new Lags())));
            }
            Crowd.awaitEnd(late, FOLLOW_LIMIT);
            late.forEach(follower -> follower.arrivals().count(ledger));
            Arrivals shown = new Arrivals(output, new Lags());
            shown.raw(ByteBuffer.wrap(logs.await(FOLLOW_LIMIT).stdoutBytes()));
            assertThat(shown.bytes()).as("bytes that logs has shown").isEqualTo(output.length());
            shown.count(ledger);
        }
    }

    @Test
    @Promise({1, 2, 7})
    @Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void readersOfQuietContainersCostMuchOrSleepOn(Ledger ledger) {
        int containers = ledger.isLong() ? 100 : 5;
        int perContainer = ledger.isLong() ? 99 : 200;
        int count = containers * perContainer;
        KnownOutput output = KnownOutput.of(server, 1_000, LINE_PADDING_BYTES);
        List<String> ids = new ArrayList<>();
        Lags lags = new Lags();
        try (Crowd crowd = new Crowd(server)) {
            for (int i = 0; i < containers; i++) {
                String id = output.writtenWhenTold(server).getId();
                ids.add(id);
                server.api().start(id);
            }
            long heap = server.usage().liveHeapBytes();
            long resident = server.usage().residentBytes();
            int threads = server.usage().threads();
            List<Follower> followers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                followers.add(crowd.add(door(i), ids.get(i % containers), new Arrivals(output, lags)));
            }
            crowd.awaitConnected(FOLLOW_LIMIT);
            long heapEach = (server.usage().liveHeapBytes() - heap) / count;
            long residentEach = (server.usage().residentBytes() - resident) / count;
            assertThat(server.usage().threads() - threads).as("threads").isLessThan(THREADS_MORE_MAX);
            ids.forEach(id -> server.api().tell(id, "go\n"));
            Crowd.awaitEnd(followers, FOLLOW_LIMIT);
            followers.forEach(follower -> follower.arrivals().count(ledger));
            ledger.note("%d idle followers: %d KiB of heap, %d KiB of RSS each; woken: lag %s"
                    .formatted(count, heapEach >> 10, residentEach >> 10, lags));
            assertThat(heapEach).as("heap of a follower").isLessThan(HEAP_PER_FOLLOWER_BYTES_MAX);
            assertThat(residentEach).as("resident memory of a follower").isLessThan(RESIDENT_PER_FOLLOWER_BYTES_MAX);
        } finally {
            ids.forEach(server.api()::remove);
        }
    }

    /** Of ten readers seven by gRPC, two raw, one of events: what a test can afford to decode. */
    private static Door door(int number) {
        return switch (number % 10) {
            case 0 -> Door.EVENTS;
            case 1, 2 -> Door.RAW;
            default -> Door.GRPC;
        };
    }
}
