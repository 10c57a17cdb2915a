package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.Exec;
import io.tailrace.api.v1.ExitReason;
import io.tailrace.api.v1.GetExecRequest;
import io.tailrace.api.v1.Mount;
import io.tailrace.api.v1.ProcessStatus;
import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server is killed with {@code kill -9} at any moment: nothing is lost, nothing comes twice, nothing stops. */
@Acceptance
@DeliveryTest
@Alone
@Tag("slow")
@Timeout(
        value = ServerKillTest.TEST_MINUTES_MAX,
        unit = TimeUnit.MINUTES,
        threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ServerKillTest {
    /** The long form takes a few minutes on an idle machine. */
    static final int TEST_MINUTES_MAX = 30;

    private static final int KILLS = 10;
    private static final int KILLS_LONG = 100;
    private static final int RUNNING_MILLIS_MAX = 1200;
    /** Longer than the pipes of the fast writers last. */
    private static final int DOWN_MILLIS_MAX = 2500;

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration END_LIMIT = Duration.ofMinutes(5);

    private static final String ON_DOCKER = "on a Docker Engine";

    private final TailraceServerProcess server;

    ServerKillTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    @Promise({1, 2, 4, 5})
    void outputIsLostDoubledOrReorderedWhenTheServerIsKilled(Ledger ledger) throws Exception {
        Path counts = Files.createDirectories(server.shared().resolve("kills-" + ledger.seed()));
        List<Container> containers = new ArrayList<>();
        try (Followers followers = new Followers(server, Duration.ofMinutes(TEST_MINUTES_MAX))) {
            List<Followers.Ends> ends = new ArrayList<>();
            for (CountedWriter writer : CountedWriter.all()) {
                Container container = server.api()
                        .run(writer.script(), spec -> spec.addMounts(bind(counts, CountedWriter.DIRECTORY)));
                containers.add(container);
                ends.add(followers.follow(writer, container.getId()));
            }
            List<String> ids = containers.stream().map(Container::getId).toList();
            int execs;
            try (Command logs = server.startCommand("logs", "-f", ids.getFirst());
                    ExecTraffic traffic = ExecTraffic.begin(followers.client(), ids, counts, execLanes(), ledger)) {
                Waiting.until("the command to follow", LIMIT, () -> logs.stdoutSoFar().length > 0);
                killAgainAndAgain(ledger);
                for (Container container : containers) {
                    assertThat(server.api().get(container.getId()).getStatus().getPid())
                            .as("the process of a container that ran all the time")
                            .isEqualTo(container.getStatus().getPid());
                }
                execs = traffic.stop();
                Files.createFile(counts.resolve(CountedWriter.STOP));
                for (Followers.Ends end : ends) {
                    settle(end, counts, ledger);
                }
                checkCommand(logs.await(LIMIT), CountedWriter.all().getFirst(), counts);
                ledger.note(
                        server.isOnDocker()
                                ? ON_DOCKER
                                : String.format(
                                        Locale.ROOT, "%d execs, %d of them not started", execs, traffic.notStarted()));
            }
        }
        containers.forEach(container -> server.api().remove(container.getId()));
    }

    /** A Docker Engine keeps no output of execs for the next server: what is lost there is told, and not counted here. */
    private int execLanes() {
        return server.isOnDocker() ? 0 : ExecTraffic.AT_ONCE;
    }

    /** Every second server or so is killed before it is ready. */
    private void killAgainAndAgain(Ledger ledger) throws InterruptedException {
        Random random = ledger.random();
        int kills = ledger.isLong() ? KILLS_LONG : KILLS;
        long startMillis = 1000;
        for (int kill = 0; kill < kills; kill++) {
            // The instants are the point: there is no condition to wait for.
            TimeUnit.MILLISECONDS.sleep(random.nextInt(RUNNING_MILLIS_MAX));
            server.kill();
            ledger.attempt();
            if (random.nextInt(5) == 0) {
                TimeUnit.MILLISECONDS.sleep(random.nextInt(DOWN_MILLIS_MAX));
            }
            while (kill < kills - 1 && random.nextInt(3) == 0) {
                server.beginStart();
                TimeUnit.MILLISECONDS.sleep(random.nextLong(startMillis));
                server.kill();
                ledger.attempt();
                kill++;
            }
            long startNanos = System.nanoTime();
            server.startAgain();
            startMillis = Math.max(1, (System.nanoTime() - startNanos) / 1_000_000);
        }
        Figures.print("the last start: %d ms", startMillis);
    }

    /** On a starved machine servers may be away for longer than a command goes on trying: then it fails, and says so. */
    private static void checkCommand(Command.Result logs, CountedWriter writer, Path counts) throws IOException {
        StreamDigest seen = StreamDigest.of(logs.stdoutBytes());
        assertThat(seen.crc32()).isEqualTo(CountedOutput.beginning(writer.stdout(), seen.length()));
        if (logs.exitCode() == 0) {
            assertThat(seen.crc32()).isEqualTo(writer.stdout().crc32(writer.count(counts)));
        } else {
            assertThat(logs.stderr()).contains("cannot reach the server");
        }
    }

    private void settle(Followers.Ends end, Path counts, Ledger ledger) throws Exception {
        String id = end.container();
        Map<String, Future<CountedOutput>> outputs = end.outputs();
        for (String door : outputs.keySet()) {
            outputs.get(door).get(END_LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
        int lines = end.writer().count(counts);
        for (Map.Entry<String, Future<CountedOutput>> output : outputs.entrySet()) {
            output.getValue().resultNow().settle(ledger, output.getKey(), lines);
        }
        // Who comes late reads the same, and what its Exit says is what the writer has written.
        Followed late = server.api().follow(id, "");
        assertThat(late.exit().getExitCode()).isZero();
        assertThat(late.exit().getReason()).isEqualTo(ExitReason.EXIT_REASON_EXITED);
        assertThat(late.stdout().crc32()).isEqualTo(end.writer().stdout().crc32(lines));
        assertThat(late.stderr().crc32()).isEqualTo(end.writer().stderr().crc32(lines));
    }

    @Test
    @Promise({4, 5})
    void theLastWordsOrTheExitCodeAreMissingWhenNoServerRan(Ledger ledger) throws IOException {
        Path gate = Files.createDirectories(server.shared().resolve("gate-" + ledger.seed()));
        String waiting =
                "echo first; until [ -e /gate/open ]; do sleep 0.02; done; echo last words; echo oops >&2; exit ";
        Container container = server.api().run(waiting + 23, spec -> spec.addMounts(bind(gate, "/gate")));
        String id = container.getId();
        Exec exec = server.api().exec(id, waiting.replace("open", "exec") + 24);
        long pid = container.getStatus().getPid();
        long execPid = exec.getStatus().getPid();
        awaitOutput(id);
        server.kill();
        Files.createFile(gate.resolve("exec"));
        // The exec ends before the container does; otherwise it would be killed with it.
        Waiting.until("the exec to end", LIMIT, () -> !isRunning(execPid));
        Files.createFile(gate.resolve("open"));
        Waiting.until("the container to end", LIMIT, () -> !isRunning(pid));
        server.startAgain();
        ledger.attempts(2);

        Followed followed = server.api().follow(id, "");
        assertThat(followed.stdoutText()).isEqualTo("first\nlast words\n");
        assertThat(followed.stderrText()).isEqualTo("oops\n");
        assertThat(followed.exit().getExitCode()).isEqualTo(23);
        assertThat(followed.exit().getReason()).isEqualTo(ExitReason.EXIT_REASON_EXITED);
        if (server.isOnDocker()) {
            ledger.note(ON_DOCKER);
            // The engine keeps no output of execs: a Gap says so. Version 20.10 loses its exit as well.
            Waiting.until("the exec's exit", LIMIT, () -> endOf(id, exec).hasExit());
            assertThat(endOf(id, exec).getExit().getExitCode()).isIn(24, -1);
        } else {
            Followed followedExec = server.api().follow(id, exec.getId());
            assertThat(followedExec.stdoutText()).isEqualTo("first\nlast words\n");
            assertThat(followedExec.exit().getExitCode()).isEqualTo(24);
            ledger.bytes(followedExec.stdout().length() + followedExec.stderr().length());
        }
        ledger.bytes(followed.stdout().length() + followed.stderr().length());
        server.api().remove(id);
    }

    private ProcessStatus endOf(String container, Exec exec) {
        return server.api()
                .execs()
                .get(GetExecRequest.newBuilder()
                        .setContainer(container)
                        .setExec(exec.getId())
                        .build())
                .getStatus();
    }

    @Test
    void aGracefulStopLeavesContainersRunningAsWell() {
        Container container = server.api().run("trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done");
        String id = container.getId();
        awaitOutput(id);
        assertThat(server.stop()).isIn(0, 128 + 15);
        assertThat(isRunning(container.getStatus().getPid())).isTrue();
        server.startAgain();
        server.api().kill(id, "TERM");
        Followed followed = server.api().follow(id, "");
        assertThat(followed.exit().getExitCode()).isZero();
        server.api().remove(id);
    }

    @Test
    void theStateOfContainersIsTheSameAfterARestart() {
        String running = server.api().run("exec sleep 600").getId();
        String exited = server.api().run("exit 3").getId();
        String paused = server.api().run("exec sleep 600").getId();
        server.run("pause", paused).succeeded();
        String created = server.api().create("true").getId();
        server.api().await(exited);
        List<Container> before = List.of(running, exited, paused, created).stream()
                .map(server.api()::get)
                .toList();
        server.kill();
        server.startAgain();
        for (Container container : before) {
            assertThat(server.api().get(container.getId())).isEqualTo(container);
        }
        server.run("unpause", paused).succeeded();
        assertThat(server.api().get(paused).getStatus().getState()).isEqualTo("running");
        before.forEach(container -> server.api().remove(container.getId()));
    }

    private void awaitOutput(String id) {
        Waiting.until(
                "the container to write",
                LIMIT,
                () -> server.api().get(id).getStatus().getStdoutLength() > 0);
    }

    static Mount bind(Path source, String target) {
        return Mount.newBuilder()
                .setType(Mount.Type.TYPE_BIND)
                .setSource(source.toString())
                .setTarget(target)
                .build();
    }

    private static boolean isRunning(long pid) {
        return ProcessHandle.of(pid).isPresent();
    }
}
