package io.tailrace.bench.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Layers get bytes cut anywhere, as sockets deliver them. */
class StagesTest {
    private static final String CHUNKED =
            "HTTP/1.1 200 OK\r\nContent-Type: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\na: b\r\n\r\n";

    private final Kept kept = new Kept();

    private static final class Kept implements Stage {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean hasEnded;

        @Override
        public void accept(ByteBuffer received) {
            byte[] copy = new byte[received.remaining()];
            received.get(copy);
            bytes.writeBytes(copy);
        }

        @Override
        public void end() {
            hasEnded = true;
        }

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    private static void feed(Stage stage, byte[] bytes, long seed) throws IOException {
        Random random = new Random(seed);
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(bytes.length - at, random.nextInt(1, 9));
            stage.accept(ByteBuffer.wrap(bytes, at, length));
            at += length;
        }
    }

    @Test
    void aChunkedResponseIsItsBodyHoweverItIsCut() throws IOException {
        for (int seed = 0; seed < 200; seed++) {
            Kept body = new Kept();
            AtomicBoolean isReady = new AtomicBoolean();
            feed(new ResponseHead(body, () -> isReady.set(true)), bytes(CHUNKED), seed);
            assertThat(body.text()).as("seed %d", seed).isEqualTo("hello, world");
            assertThat(body.hasEnded).isTrue();
            assertThat(isReady).isTrue();
        }
    }

    @Test
    void aChunkedResponseWithoutItsLastChunkIsCutOff() throws IOException {
        Stage stage = new ResponseHead(kept, () -> {});
        feed(stage, bytes(CHUNKED.substring(0, CHUNKED.indexOf("0\r\na: b"))), 1);
        assertThat(kept.hasEnded).isFalse();
        assertThatThrownBy(stage::end).isInstanceOf(EOFException.class).hasMessageContaining("cut off");
    }

    @Test
    void aRefusalIsAFailureAndNotABody() {
        assertThatThrownBy(() -> feed(
                        new ResponseHead(kept, () -> {}),
                        bytes("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
                        1))
                .hasMessageContaining("404 Not Found");
    }

    @Test
    void dockersFramesAreTheirContentHoweverTheyAreCut() throws IOException {
        byte[] frames = {1, 0, 0, 0, 0, 0, 0, 3, 'a', 'b', 'c', 2, 0, 0, 0, 0, 0, 0, 1, 'd'};
        for (int seed = 0; seed < 200; seed++) {
            Kept content = new Kept();
            Stage stage = new DockerFrames(content);
            feed(stage, frames, seed);
            stage.end();
            assertThat(content.text()).as("seed %d", seed).isEqualTo("abcd");
            assertThat(content.hasEnded).isTrue();
        }
    }

    @Test
    void aFrameThatEndsTooEarlyIsCutOff() throws IOException {
        Stage stage = new DockerFrames(kept);
        feed(stage, new byte[] {1, 0, 0, 0, 0, 0, 0, 3, 'a', 'b'}, 1);
        assertThatThrownBy(stage::end).isInstanceOf(EOFException.class);
    }

    @Test
    void eventsAreTheOutputThatIsInThem() throws IOException {
        String events = """
                retry: 1000

                id: 1
                event: state
                data: {"sequence":1,"state":"running","attributes":{}}

                id: 2
                event: output
                data: {"sequence":2,"time":"x","stream":"stdout","offset":0,"data":"aGVsbG8K"}

                : 2

                """;
        feed(new Events(kept), bytes(events), 7);
        assertThat(kept.text()).isEqualTo("hello\n");
    }

    @Test
    void aStampedLineSaysWhichItIsAndWhenItWasWritten() {
        byte[] line = StampedLine.of(42, 1_234_567_890_123_456_789L);
        assertThat(line).hasSize(StampedLine.BYTES);
        assertThat(StampedLine.number(line)).isEqualTo(42);
        assertThat(StampedLine.nanos(line)).isEqualTo(1_234_567_890_123_456_789L);
    }

    @Test
    void aFollowerNotesTheLagOfEachLineAndCountsAllElse() throws IOException {
        Follower follower = new Follower(2);
        long before = System.nanoTime();
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        stream.writeBytes(StampedLine.of(0, before));
        stream.writeBytes(StampedLine.of(1, before - 5_000_000_000L));
        stream.writeBytes(bytes("and a burst"));
        feed(follower, stream.toByteArray(), 3);
        assertThat(follower.lines()).isEqualTo(2);
        assertThat(follower.bytes()).isEqualTo(2 * StampedLine.BYTES + 11);
        assertThat(follower.lagNanos()[0]).isBetween(0L, System.nanoTime() - before);
        assertThat(follower.lagNanos()[1]).isGreaterThan(5_000_000_000L);
    }

    @Test
    void aLineThatIsMissingIsAFailure() {
        assertThatThrownBy(() -> new Follower(2).accept(ByteBuffer.wrap(StampedLine.of(1, 0))))
                .hasMessage("line 1 arrived (expected: line 0)");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
