package io.tailrace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.tailrace.api.v1.Gap;
import io.tailrace.api.v1.Record;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FollowTest {
    private static final String ID = "0".repeat(64);

    private ScriptedServer server;
    private Tailrace tailrace;
    private Container container;

    @BeforeEach
    void start() throws IOException {
        server = new ScriptedServer();
        tailrace = server.client().build();
        container = tailrace.containers().get(ID);
    }

    @AfterEach
    void stop() throws InterruptedException {
        tailrace.close();
        server.close();
    }

    @Test
    void recordsArriveInOrderAndEndBehindTheExit() {
        server.timeline.addAll(Scripts.run(20, 1000));
        var records = readAll(new FollowOptions());
        assertThat(records).hasSize(22);
        assertThat(records.getLast())
                .isInstanceOfSatisfying(
                        TimelineRecord.Exit.class,
                        exit -> assertThat(exit.status().exitCode()).isEqualTo(3));
    }

    @Test
    void aBrokenCallGoesOnBehindTheLastRecord() {
        server.timeline.addAll(Scripts.run(20, 1000));
        server.followBreaksAfter = 7;
        assertThat(sequences(readAll(new FollowOptions()))).isEqualTo(upTo(22));
        assertThat(server.follows).hasSize(2);
        assertThat(server.follows.get(1).getCursor()).isEqualTo("7");
    }

    @Test
    void everyByteArrivesOnceOverAConnectionThatIsCutAgainAndAgain() throws IOException {
        server.timeline.addAll(Scripts.run(400, 8000));
        try (var proxy = new CuttingProxy(server.port(), Long.MAX_VALUE, 300_000);
                var client = Tailrace.builder().address(proxy.address()).build();
                var follow = client.containers().get(ID).follow()) {
            List<TimelineRecord> records = new ArrayList<>();
            follow.forEach(records::add);
            assertThat(sequences(records)).isEqualTo(upTo(402));
            assertThat(proxy.connections()).isGreaterThan(5);
            assertThat(follow.reconnects()).isGreaterThan(5);
        }
    }

    @Test
    void aStreamThatEndsWithoutTheExitIsIncomplete() {
        server.timeline.addAll(Scripts.run(4, 10));
        server.timeline.removeLast();
        assertThatThrownBy(() -> readAll(new FollowOptions().reconnectTimeout(Duration.ofMillis(200))))
                .isInstanceOfSatisfying(
                        TailraceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INCOMPLETE));
    }

    @Test
    void aFailureIsNeverFollowedByAnEnd() {
        server.followEnd = Status.NOT_FOUND.withDescription("container: gone");
        try (var follow = container.follow()) {
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(follow::next)
                        .hasMessage("container: gone")
                        .isInstanceOfSatisfying(
                                TailraceException.class,
                                e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
            }
        }
    }

    @Test
    void aServerThatIsGoneIsGivenUpWhenTheTimeIsUp() throws InterruptedException {
        server.timeline.addAll(Scripts.run(4, 10));
        server.close();
        assertThatThrownBy(() -> readAll(new FollowOptions().reconnectTimeout(Duration.ofMillis(300))))
                .hasMessageContaining("cannot reach the server at " + tailrace.address())
                .isInstanceOfSatisfying(
                        TailraceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    }

    @Test
    void aChecksumThatDoesNotMatchIsCorrupt() {
        var records = Scripts.run(1, 100);
        server.timeline.addAll(records.subList(0, 2));
        server.timeline.add(Scripts.exit(3, 0, new byte[100], new byte[0]));
        assertCorrupt("STDOUT CRC-32");
        assertThat(readAll(new FollowOptions().verify(false))).hasSize(3);
    }

    @Test
    void aLengthThatDoesNotMatchIsCorrupt() {
        server.timeline.add(Scripts.state(1, "running"));
        server.timeline.add(Scripts.exit(2, 0, new byte[0], new byte[1]));
        assertCorrupt("STDERR length: 0 (expected: 1)");
    }

    @Test
    void aMissingRecordIsCorrupt() {
        server.timeline.addAll(Scripts.run(4, 10));
        server.timeline.remove(2);
        assertCorrupt("sequence: 4 (expected: 3)");
    }

    @Test
    void aGapIsDeliveredAndItsStreamNotVerified() {
        var records = Scripts.run(5, 10);
        server.timeline.add(Record.newBuilder()
                .setSequence(1)
                .setCursor("3")
                .setGap(Gap.newBuilder()
                        .setLastSequence(3)
                        .setReason("retention")
                        .setStdoutTo(10)
                        .setStderrTo(10))
                .build());
        server.timeline.addAll(records.subList(3, records.size()));
        assertThat(readAll(new FollowOptions()))
                .hasSize(5)
                .first()
                .isInstanceOfSatisfying(
                        TimelineRecord.Gap.class,
                        gap -> assertThat(gap.reason()).isEqualTo("retention"));
    }

    @Test
    void aFollowThatBeganBehindTheExitEndsAtOnce() {
        server.timeline.addAll(Scripts.run(2, 10));
        assertThat(readAll(new FollowOptions().after("4"))).isEmpty();
    }

    @Test
    void aContainerThatWasRemovedWithoutHavingRunHasNoExit() {
        server.timeline.add(Scripts.state(1, "created"));
        server.timeline.add(Scripts.state(2, "removed"));
        assertThat(readAll(new FollowOptions())).hasSize(2);
    }

    @Test
    void aReaderThatWaitsIsFreedByClosing() throws Exception {
        server.followEnd = Status.UNAVAILABLE;
        var follow = container.follow();
        var reading = CompletableFuture.supplyAsync(follow::next);
        follow.close();
        assertThatThrownBy(() -> reading.get(5, TimeUnit.SECONDS))
                .hasCauseInstanceOf(TailraceException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void closingTheClientEndsItsReadersAtOnce() throws Exception {
        server.followEnd = Status.UNAVAILABLE;
        var follow = container.follow();
        var reading = CompletableFuture.supplyAsync(follow::next);
        tailrace.close();
        assertThatThrownBy(() -> reading.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(TailraceException.class);
    }

    @Test
    void aReaderThatDoesNotReadIsNotSentMoreThanItsWindow() {
        server.timeline.addAll(Scripts.run(2000, 8000));
        try (var follow = container.follow()) {
            assertThat(follow.next()).isPresent();
            assertThat(follow.next()).isPresent();
            assertThat(follow.cursor()).isEqualTo("2");
            int read = 2;
            for (var record : follow) {
                read += record.sequence() > 0 ? 1 : 0;
            }
            assertThat(read).isEqualTo(2002);
        }
    }

    private void assertCorrupt(String message) {
        assertThatThrownBy(() -> readAll(new FollowOptions()))
                .hasMessageContaining(message)
                .isInstanceOfSatisfying(
                        TailraceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT));
    }

    private List<TimelineRecord> readAll(FollowOptions options) {
        List<TimelineRecord> records = new ArrayList<>();
        try (var follow = container.follow(options)) {
            follow.forEach(records::add);
        }
        return records;
    }

    private static List<Long> sequences(List<TimelineRecord> records) {
        return records.stream().map(TimelineRecord::sequence).toList();
    }

    private static List<Long> upTo(long last) {
        return java.util.stream.LongStream.rangeClosed(1, last).boxed().toList();
    }
}
