package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Containers that come back by themselves. */
@Acceptance
class RestartPolicyTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final TailraceServerProcess server;

    RestartPolicyTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    void whatCrashesThreeTimesIsSeenToComeBackAndItsLastExitIsTheCommands() throws Exception {
        Command.Result result =
                server.run("run", "--name=flaky", "--restart=on-failure:3", "busybox", "sh", "-c", "echo run; exit 3");
        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.stdout()).isEqualTo("run\n".repeat(4));
        String records = server.run("logs", "--json", "flaky").succeeded().stdout();
        assertThat(records)
                .containsSubsequence("\"pauseMillis\":\"100\"", "\"pauseMillis\":\"200\"", "\"pauseMillis\":\"400\"");
        assertThat(server.run("ps", "-a", "--filter", "name=flaky").succeeded().stdout())
                .contains("Exited (3)");
        server.run("rm", "flaky").succeeded();
    }

    @Test
    void aServerThatIsKilledWhileARunIsDueStartsItAfterwards() throws Exception {
        String script = "echo run >> /count; test $(wc -l < /count) -ge 6 && exec sleep 600; exit 1";
        server.run("run", "-d", "--name=phoenix", "--restart=always", "busybox", "sh", "-c", script)
                .succeeded();
        await().atMost(LIMIT).until(() -> status("phoenix").contains("Restarting"));
        server.kill();
        server.startAgain();
        await().atMost(LIMIT).until(() -> status("phoenix").contains("Up"));
        server.run("rm", "-f", "phoenix").succeeded();
    }

    private String status(String name) throws Exception {
        return server.run("ps", "-a", "--filter", "name=" + name).succeeded().stdout();
    }
}
