package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is piped into the tailrace command arrives in the process: every byte, and its end. */
@Acceptance
class StdinTest {
    private static final long SEED = 20_250_907;
    private static final int STDIN_BYTES = 100_000_000;
    private static final Duration LIMIT = Duration.ofSeconds(100);

    private final TailraceServerProcess server;

    StdinTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    void aHundredMegabytesThroughCatAreTheSame() throws IOException {
        Path file = server.shared().resolve("stdin");
        writeRandom(file);
        long startNanos = System.nanoTime();
        try (Command cat = Command.start(
                server.commandLine("run", "-i", "--rm", "--network", "none", "busybox", "cat"), Map.of(), file)) {
            Command.Result result = cat.await(LIMIT).succeeded();
            Figures.megabytesPerSecond("stdin through cat to stdout", STDIN_BYTES, startNanos);
            assertThat(StreamDigest.of(result.stdoutBytes()).identity())
                    .isEqualTo(StreamDigest.of(Files.newInputStream(file)).identity());
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void theEndOfStdinIsSeenWhileOutputGoesOn() throws IOException {
        try (Command run = Command.startInteractive(server.commandLine(
                "run",
                "-i",
                "--rm",
                "--network",
                "none",
                "busybox",
                "sh",
                "-c",
                "cat; sleep 0.3; echo after the end; exit 5"))) {
            try (OutputStream stdin = run.stdin()) {
                stdin.write("before the end\n".getBytes(StandardCharsets.UTF_8));
            }
            Command.Result result = run.await(LIMIT);
            assertThat(result.stdout()).isEqualTo("before the end\nafter the end\n");
            assertThat(result.exitCode()).isEqualTo(5);
        }
    }

    @Test
    void anExecReadsItsOwnStdin() throws IOException {
        String id = server.api().run("exec sleep 600").getId();
        try (Command exec =
                Command.startInteractive(server.commandLine("exec", "-i", id, "sh", "-c", "wc -c; exit 6"))) {
            try (OutputStream stdin = exec.stdin()) {
                stdin.write(new byte[12_345]);
            }
            Command.Result result = exec.await(LIMIT);
            assertThat(result.stdout()).isEqualTo("12345\n");
            assertThat(result.exitCode()).isEqualTo(6);
        }
        server.api().remove(id);
    }

    @Test
    void aProcessThatDoesNotReadItsStdinEndsWithoutIt() throws IOException {
        try (Command run = Command.startInteractive(server.commandLine(
                "run", "-i", "--rm", "--network", "none", "busybox", "sh", "-c", "echo done; exit 2"))) {
            Command.Result result = run.await(LIMIT);
            assertThat(result.stdout()).isEqualTo("done\n");
            assertThat(result.exitCode()).isEqualTo(2);
        }
    }

    private static void writeRandom(Path file) throws IOException {
        Random random = new Random(SEED);
        byte[] block = new byte[1_000_000];
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            for (int written = 0; written < STDIN_BYTES; written += block.length) {
                random.nextBytes(block);
                out.write(block);
            }
        }
    }
}
