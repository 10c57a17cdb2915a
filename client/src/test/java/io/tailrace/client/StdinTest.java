package io.tailrace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StdinTest {
    private static final String ID = "0".repeat(64);

    private ScriptedServer server;

    @BeforeEach
    void start() throws IOException {
        server = new ScriptedServer();
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.close();
    }

    @Test
    void bytesArriveAndClosingEndsTheInput() throws IOException {
        try (var tailrace = server.client().build();
                var stdin = tailrace.containers().get(ID).stdin()) {
            stdin.write("hello".getBytes(StandardCharsets.UTF_8));
            stdin.flush();
            assertThat(server.stdinBytes()).asString().isEqualTo("hello");
        }
        assertThat(server.isStdinClosed).isTrue();
    }

    @Test
    void closingWithoutWritingEndsTheInput() throws IOException {
        try (var tailrace = server.client().build()) {
            tailrace.containers().get(ID).stdin().close();
        }
        assertThat(server.isStdinClosed).isTrue();
    }

    @Test
    void detachingLeavesTheInputOpen() throws IOException {
        try (var tailrace = server.client().build()) {
            var stdin = tailrace.containers().get(ID).stdin();
            stdin.write(1);
            stdin.detach();
            assertThat(server.stdinBytes()).hasSize(1);
            assertThat(server.isStdinClosed).isFalse();
        }
    }

    @Test
    void itGoesOnWhereAnotherClientLeftOff() throws IOException {
        server.stdin.writeBytes("before ".getBytes(StandardCharsets.UTF_8));
        try (var tailrace = server.client().build();
                var stdin = tailrace.containers().get(ID).stdin()) {
            stdin.write("after".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(server.stdinBytes()).asString().isEqualTo("before after");
    }

    @Test
    void aProcessThatIsGoneIsToldToTheWriter() throws IOException {
        server.inputFailure = Status.FAILED_PRECONDITION.withDescription("process: gone");
        try (var tailrace = server.client().build()) {
            var stdin = tailrace.containers().get(ID).stdin();
            stdin.write(1);
            assertThatThrownBy(stdin::flush)
                    .isInstanceOf(IOException.class)
                    .hasMessage("stdin: process: gone")
                    .cause()
                    .isInstanceOfSatisfying(
                            TailraceException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION));
            assertThatThrownBy(stdin::close).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aWriterWaitsWhileTheServerIsAway() throws Exception {
        server.inputFailure = Status.UNAVAILABLE;
        try (var tailrace = server.client().build();
                var stdin = tailrace.containers().get(ID).stdin()) {
            stdin.write("patience".getBytes(StandardCharsets.UTF_8));
            server.inputFailure = Status.OK;
            stdin.flush();
            assertThat(server.stdinBytes()).asString().isEqualTo("patience");
        }
    }

    @Test
    void everyByteArrivesOnceOverAConnectionThatIsCutAgainAndAgain() throws IOException {
        var bytes = new byte[3_000_000];
        new Random(11).nextBytes(bytes);
        try (var proxy = new CuttingProxy(server.port(), 400_000, Long.MAX_VALUE);
                var tailrace = Tailrace.builder().address(proxy.address()).build()) {
            try (var stdin = tailrace.containers().get(ID).stdin()) {
                stdin.write(bytes);
            }
            assertThat(proxy.connections()).isGreaterThan(5);
        }
        assertThat(server.stdinBytes()).isEqualTo(bytes);
        assertThat(server.isStdinClosed).isTrue();
    }
}
