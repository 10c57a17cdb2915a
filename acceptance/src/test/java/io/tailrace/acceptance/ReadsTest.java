package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tailrace.client.LineMatch;
import io.tailrace.client.LineOptions;
import io.tailrace.client.LogOptions;
import io.tailrace.client.OutputLine;
import io.tailrace.client.Tailrace;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Reading a part of what a container wrote, waiting for a line, and what happens to who writes nothing. */
@Acceptance
class ReadsTest {
    private static final String COUNT =
            "i=0; while [ $i -lt 5000 ]; do i=$((i+1)); echo line $i; done; echo oops >&2; printf end";

    private final TailraceServerProcess server;

    ReadsTest(TailraceServerProcess server) {
        this.server = server;
    }

    private String logs(String... arguments) {
        String[] line = new String[arguments.length + 2];
        line[0] = "logs";
        System.arraycopy(arguments, 0, line, 1, arguments.length);
        line[line.length - 1] = "counted";
        return server.run(line).succeeded().stdout();
    }

    @Test
    void theEndOfTheOutputAndATimeAreReadAsTheyAreAskedFor() {
        Instant before = Instant.now();
        server.run("run", "--network=none", "--name=counted", "busybox", "sh", "-c", COUNT)
                .succeeded();
        assertThat(logs("--stdout", "-n", "3")).isEqualTo("line 4999\nline 5000\nend");
        assertThat(logs("--stderr", "-n", "3")).isEmpty();
        assertThat(logs("-n", "5003").lines()).hasSize(5_001); // and one of stderr
        assertThat(logs("-n", "0")).isEmpty();
        assertThat(logs("-f", "--stdout", "--since", before.toString()).lines()).hasSize(5_001);
        assertThat(logs("--until", before.toString())).isEmpty();
        assertThat(logs(
                        "--stdout",
                        "-n",
                        "2",
                        "--since",
                        "1h",
                        "--until",
                        Long.toString(Instant.now().getEpochSecond() + 1)))
                .isEqualTo("line 5000\nend");
        try (var tailrace = client()) {
            var container = tailrace.containers().get("counted");
            try (var lines =
                    container.logs(new LogOptions().tail(2).streams(io.tailrace.client.StandardStream.STDOUT))) {
                assertThat(lines.stream().map(OutputLine::text)).containsExactly("line 5000", "end");
            }
            var result = container.result();
            assertThat(result.stdoutText()).hasLineCount(5_001).endsWith("line 5000\nend");
            assertThat(result.stderrText()).isEqualTo("oops\n");
            assertThat(tailrace.containers().output("busybox", "echo", "once").stdoutText())
                    .isEqualTo("once\n");
        }
        server.run("rm", "counted").succeeded();
    }

    private Tailrace client() {
        return Tailrace.builder()
                .address("http://" + server.address())
                .token(TailraceServerProcess.TOKEN)
                .build();
    }

    @Test
    void aLineIsWaitedForOverAKilledServer() throws Exception {
        String script =
                "echo starting; until [ -e /go ]; do sleep 0.1; done; printf 'listening on '; sleep 1; echo 8080; exec sleep 1000";
        server.run("run", "-d", "--network=none", "--name=slow", "busybox", "sh", "-c", script)
                .succeeded();
        JsonNode starting = json("wait", "--line", "start", "--json", "slow");
        assertThat(starting.path("text").asText()).isEqualTo("starting");
        try (var tailrace = client()) {
            var container = tailrace.containers().get("slow");
            var options = new LineOptions("^listening on \\d+$")
                    .after(starting.path("cursor").asText());
            CompletableFuture<Optional<LineMatch>> waiting = CompletableFuture.supplyAsync(
                    () -> container.waitForLine(options),
                    task -> Thread.ofVirtual().start(task));
            server.kill();
            server.startAgain();
            server.run("exec", "slow", "touch", "/go").succeeded();
            assertThat(waiting.get(60, TimeUnit.SECONDS))
                    .hasValueSatisfying(match -> assertThat(match.line().text()).isEqualTo("listening on 8080"));
        }
        assertThat(server.run("wait", "--line", "on 80", "slow").succeeded().stdout())
                .isEqualTo("listening on 8080\n");
        Command.Result late = server.run("wait", "--line", "never", "--timeout", "100ms", "slow");
        assertThat(late.exitCode()).isNotZero();
        assertThat(late.stderr()).contains("no line that matches \"never\" within");
        server.run("rm", "-f", "slow").succeeded();
        Command.Result ended = server.run("run", "--network=none", "--name=ended", "busybox", "true");
        assertThat(ended.exitCode()).isZero();
        assertThat(server.run("wait", "--line", "x", "ended").stderr()).contains("ended without a line that matches x");
        server.run("rm", "ended").succeeded();
    }

    private JsonNode json(String... line) throws IOException {
        return new ObjectMapper().readTree(server.run(line).succeeded().stdout());
    }

    @Test
    void whoWritesNothingForTooLongIsEndedAndTheExitSaysWhy() {
        Command.Result idle = server.run(
                "run",
                "--network=none",
                "--name=idle",
                "--idle-timeout=1s",
                "--stop-timeout=0",
                "busybox",
                "sh",
                "-c",
                "echo once; sleep 1000");
        assertThat(idle.stdout()).isEqualTo("once\n");
        assertThat(server.run("logs", "--json", "idle").succeeded().stdout())
                .contains("it wrote nothing for its idle time-out of PT1S");
        server.run("rm", "idle").succeeded();
    }

    @Test
    void anImageOfAnotherPlatformIsRefused() {
        Command.Result result = server.run("run", "--rm", "--platform=linux/s390x", "busybox", "true");
        assertThat(result.exitCode()).isEqualTo(125);
        assertThat(result.stderr()).contains("platform: linux/s390x (expected: linux/");
    }
}
