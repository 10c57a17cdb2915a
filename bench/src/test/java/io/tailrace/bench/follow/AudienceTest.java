package io.tailrace.bench.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class AudienceTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int FOLLOWERS = 50;

    private static byte[] block(int fill) {
        return Integer.toString(fill).repeat(50_000).getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void everybodyReceivesEveryLineAndEveryByte() throws Exception {
        List<byte[]> burst = List.of(block(1), block(2));
        try (LoopbackServer server = LoopbackServer.open(FOLLOWERS);
                SocketAudience audience = SocketAudience.raw(server.address(), FOLLOWERS, 3)) {
            server.accept(FOLLOWERS);
            StampWriter writer = new StampWriter(server::write);
            writer.pace(3, 1_000);
            audience.awaitLines(3, TIMEOUT);
            for (byte[] block : burst) {
                server.write(block);
            }
            server.finish();
            audience.awaitEnd(TIMEOUT);
            audience.verify(writer.bytes() + 100_000, writer.crc32With(burst));
            assertThat(audience.bytes()).isEqualTo(FOLLOWERS * (writer.bytes() + 100_000));
            assertThat(audience.lagNanos(1)).hasSize(FOLLOWERS * 2).doesNotContain(0L);
        }
    }

    @Test
    void bytesThatDifferAreNotTakenForThoseThatWereSent() throws Exception {
        try (LoopbackServer server = LoopbackServer.open(1);
                SocketAudience audience = SocketAudience.raw(server.address(), 1, 0)) {
            server.accept(1);
            server.write(block(1));
            server.finish();
            audience.awaitEnd(TIMEOUT);
            long expected = new StampWriter(line -> {}).crc32With(List.of(block(2)));
            assertThatThrownBy(() -> audience.verify(50_000, expected)).hasMessageContaining("follower 0");
            long sent = new StampWriter(line -> {}).crc32With(List.of(block(1)));
            assertThatThrownBy(() -> audience.verify(50_001, sent)).hasMessageContaining("50,001");
            audience.verify(50_000, sent);
        }
    }

    @Test
    void whoWaitsForAFollowerThatHasFailedHearsWhy() throws Exception {
        try (LoopbackServer server = LoopbackServer.open(1);
                SocketAudience audience = SocketAudience.raw(server.address(), 1, 1)) {
            server.accept(1);
            server.write(StampedLine.of(7, 0));
            assertThatThrownBy(() -> audience.awaitLines(1, TIMEOUT))
                    .isInstanceOf(FollowException.class)
                    .hasMessageContaining("line 7 arrived (expected: line 0)");
        }
    }

    @Test
    void waitingForWhatDoesNotComeEnds() throws Exception {
        try (LoopbackServer server = LoopbackServer.open(2);
                SocketAudience audience = SocketAudience.raw(server.address(), 2, 1)) {
            server.accept(2);
            assertThatThrownBy(() -> audience.awaitEnd(Duration.ofMillis(50)))
                    .hasMessageContaining("2 of 2 followers are not at the end");
            assertThat(audience.isEndedWithin(Duration.ofMillis(1))).isFalse();
        }
    }

    @Test
    void whoNeverReadsHoldsTheWriterUpOnceTheKernelIsFull() throws Exception {
        try (LoopbackServer server = LoopbackServer.open(2);
                SocketAudience audience = SocketAudience.raw(server.address(), 1, 0);
                SlowReaders stalled = audience.slowReaders(1, 0, 10_000)) {
            server.accept(2);
            Thread writing = Thread.ofPlatform().start(() -> {
                try {
                    // More than any kernel keeps for a connection.
                    for (int i = 0; i < 2_000; i++) {
                        server.write(block(1));
                    }
                } catch (java.io.IOException closed) {
                    // Ends like this.
                }
            });
            assertThat(writing.join(Duration.ofSeconds(2))).isFalse();
            stalled.close();
            assertThat(writing.join(TIMEOUT)).isTrue();
        }
    }
}
