package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The verbs of the tailrace command, used as one uses docker's. */
@Acceptance
class CommandsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final TailraceServerProcess server;

    CommandsTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    void aContainerGoesThroughItsLifeByCommands() throws IOException {
        String id = runDetached("life", "trap 'exit 5' TERM; echo up; while :; do sleep 0.05; done");
        awaitOutput(id);
        assertThat(server.runProcess("ps").succeeded().stdout()).contains("life", id.substring(0, 12));
        assertThat(state(id)).isEqualTo("running");
        server.runProcess("pause", "life").succeeded();
        assertThat(state(id)).isEqualTo("paused");
        server.runProcess("resume", "life").succeeded();
        assertThat(state(id)).isEqualTo("running");
        assertThat(server.runProcess("stats", "--no-stream", "life").succeeded().stdout())
                .contains("life");
        assertThat(server.runProcess("exec", "life", "sh", "-c", "echo in; echo err >&2; exit 8")
                        .exitCode())
                .isEqualTo(8);

        server.runProcess("restart", "life").succeeded();
        assertThat(state(id)).isEqualTo("running");
        server.runProcess("stop", "life").succeeded();
        assertThat(state(id)).isEqualTo("exited");
        assertThat(server.runProcess("wait", "life").succeeded().stdout().strip())
                .isEqualTo("5");
        assertThat(server.runProcess("ps").succeeded().stdout()).doesNotContain("life");
        assertThat(server.runProcess("ps", "-a").succeeded().stdout()).contains("life");
        // Both runs are one timeline.
        assertThat(server.runProcess("logs", "life").succeeded().stdout()).isEqualTo("up\nup\n");
        server.runProcess("rm", "life").succeeded();
        assertThat(server.runProcess("ps", "-a").succeeded().stdout()).doesNotContain("life");
        // History outlives the container.
        assertThat(server.runProcess("logs", id).succeeded().stdout()).isEqualTo("up\nup\n");
    }

    @Test
    void logsKeepTheStreamsApartAndCanEndEarly() {
        String id = runDetached("logged", "for i in 1 2 3 4 5; do echo $i; echo e$i >&2; done");
        server.runProcess("wait", id).succeeded();
        Command.Result all = server.runProcess("logs", id).succeeded();
        assertThat(all.stdout()).isEqualTo("1\n2\n3\n4\n5\n");
        assertThat(all.stderr()).isEqualTo("e1\ne2\ne3\ne4\ne5\n");
        Command.Result followed = server.runProcess("logs", "-f", id).succeeded();
        assertThat(followed.stdout()).isEqualTo(all.stdout());
        server.runProcess("rm", id).succeeded();
    }

    @Test
    void attachingShowsWhatComesAndEndsWithTheExitCode() {
        String id =
                runDetached("attached", "until [ -e /tmp/go ]; do echo waiting; sleep 0.05; done; echo gone; exit 6");
        try (Command attach = server.startCommand("attach", "--no-stdin", id)) {
            Waiting.until("the command to be attached", LIMIT, () -> attach.stdoutSoFar().length > 0);
            server.runProcess("exec", id, "touch", "/tmp/go").succeeded();
            Command.Result result = attach.await(LIMIT);
            assertThat(result.stdout()).startsWith("waiting\n").endsWith("waiting\ngone\n");
            assertThat(result.exitCode()).isEqualTo(6);
        }
        server.runProcess("rm", id).succeeded();
    }

    @Test
    void eventsTellWhatHappens() {
        try (Command events = server.startCommand("events")) {
            // Nothing says that it listens but what it says.
            Waiting.until("an event", LIMIT, () -> {
                server.runProcess("run", "--rm", "--network", "none", "busybox", "true")
                        .succeeded();
                return new String(events.stdoutSoFar(), StandardCharsets.UTF_8).contains("exited");
            });
        }
    }

    @Test
    void aSecondContainerOfTheSameNameIs125() {
        runDetached("twice", "exec sleep 600");
        Command.Result result =
                server.runProcess("run", "-d", "--name", "twice", "--network", "none", "busybox", "true");
        assertThat(result.exitCode()).isEqualTo(125);
        assertThat(result.stderr()).contains("twice");
        server.runProcess("rm", "-f", "twice").succeeded();
    }

    @Test
    void execsHaveTheExitCodesOfTheirEnds() {
        String id = runDetached("execs", "exec sleep 600");
        assertThat(server.runProcess("exec", id, "nosuchcommand").exitCode()).isEqualTo(127);
        assertThat(server.runProcess("exec", id, "/etc/passwd").exitCode()).isEqualTo(126);
        assertThat(server.runProcess("exec", id, "sh", "-c", "kill -9 $$").exitCode())
                .isEqualTo(137);
        Command.Result result = server.runProcess(
                "exec", "-e", "A=b", "-w", "/tmp", "-u", "65534", id, "sh", "-c", "echo $A $PWD $(id -u)");
        assertThat(result.succeeded().stdout()).isEqualTo("b /tmp 65534\n");
        server.runProcess("rm", "-f", id).succeeded();
    }

    @Test
    void theDoctorFindsNothingWrongHere() {
        Command.Result result = server.runProcess("doctor");
        assertThat(result.exitCode()).as(result.toString()).isZero();
        assertThat(result.stdout()).contains("containerd");
    }

    @Test
    void aServerIsStartedOnlyOnceOnADirectory() {
        Command.Result second = Command.run(
                LIMIT,
                Launch.server(
                        List.of(),
                        List.of(
                                "--listen",
                                "127.0.0.1:0",
                                "--data",
                                server.dataDirectory().toString(),
                                "--socket",
                                server.socket() + ".2")),
                server.settings());
        assertThat(second.exitCode()).as(second.toString()).isNotZero();
        assertThat(second.stdout() + second.stderr())
                .contains(server.dataDirectory().toString());
        assertThat(server.api().run("true").getId()).isNotEmpty();
    }

    private String runDetached(String name, String script) {
        return server.runProcess("run", "-d", "--name", name, "--network", "none", "busybox", "sh", "-c", script)
                .succeeded()
                .stdout()
                .strip();
    }

    private void awaitOutput(String id) {
        Waiting.until(
                "the container to write",
                LIMIT,
                () -> server.api().get(id).getStatus().getStdoutLength() > 0);
    }

    private String state(String id) throws IOException {
        JsonNode inspected = new ObjectMapper()
                .readTree(server.runProcess("inspect", id).succeeded().stdout());
        JsonNode container = inspected.isArray() ? inspected.get(0) : inspected;
        return container.path("status").path("state").asText();
    }
}
