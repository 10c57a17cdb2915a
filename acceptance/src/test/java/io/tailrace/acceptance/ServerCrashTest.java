package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.Exec;
import io.tailrace.api.v1.ExitReason;
import io.tailrace.api.v1.KillContainerRequest;
import io.tailrace.api.v1.Mount;
import io.tailrace.client.Follow;
import io.tailrace.client.StandardStream;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TimelineRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server is killed with {@code kill -9} at any moment: nothing is lost, nothing comes twice, nothing stops. */
@Acceptance
@Tag("slow")
@Timeout(value = ServerCrashTest.TEST_SECONDS_MAX, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ServerCrashTest {
    static final int TEST_SECONDS_MAX = 240;
    private static final int KILLS = 5;
    private static final int RUNNING_MILLIS_MIN = 100;
    private static final int RUNNING_MILLIS_MAX = 900;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** As long as a test may take. */
    private static final Duration FOLLOW_LIMIT = Duration.ofSeconds(TEST_SECONDS_MAX);

    private static final int RETRY_MILLIS = 250;

    private final TailraceServerProcess server;

    ServerCrashTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    void followersGoOnByTheirCursorsOverKillsAtRandomInstants() throws Exception {
        long seed = Long.getLong("tailrace.seed", System.nanoTime());
        System.out.println("seed: " + seed + " (-Dtailrace.seed=" + seed + " repeats it)");
        Random random = new Random(seed);
        Container container = server.api().run(CountedLines.SCRIPT);
        String id = container.getId();
        long pid = container.getStatus().getPid();
        String exec = server.api().exec(id, CountedLines.SCRIPT).getId();

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Tailrace client = client();
                Command logs = server.startCommand("logs", "-f", id)) {
            var seen = client.containers().get(id);
            Follow follow = seen.follow();
            Follow execFollow = seen.getExec(exec).follow();
            Future<CountedOutput> followed = threads.submit(() -> CountedOutput.read(follow));
            Future<CountedOutput> followedExec = threads.submit(() -> CountedOutput.read(execFollow));
            Future<Followed> followedEvents = threads.submit(() -> followEventsOverRestarts(id));
            Waiting.until("the command to follow", LIMIT, () -> logs.stdoutSoFar().length > 0);
            for (int kill = 0; kill < KILLS; kill++) {
                // The instant is the point: there is no condition to wait for.
                TimeUnit.MILLISECONDS.sleep(random.nextInt(RUNNING_MILLIS_MIN, RUNNING_MILLIS_MAX));
                server.kill();
                assertThat(ProcessHandle.of(pid))
                        .as("the container's process while no server runs")
                        .isPresent();
                long startNanos = System.nanoTime();
                server.startAgain();
                Figures.print(
                        "start over %d MB of timelines: %d ms",
                        server.api().get(id).getStatus().getStdoutLength() / 1_000_000,
                        (System.nanoTime() - startNanos) / 1_000_000);
            }
            assertThat(server.api().get(id).getStatus().getPid())
                    .as("the process that runs on")
                    .isEqualTo(pid);
            server.api()
                    .containers()
                    .kill(KillContainerRequest.newBuilder()
                            .setContainer(id)
                            .setExec(exec)
                            .setSignal("TERM")
                            .build());
            CountedOutput execOutput = followedExec.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            server.api().kill(id, "TERM");
            CountedOutput output = followed.get(LIMIT.toSeconds(), TimeUnit.SECONDS);

            assertThat(output.exit().status().exitCode()).isZero();
            int lines = output.assertComplete();
            int execLines = execOutput.assertComplete();
            Figures.print(
                    "%d kills, %d lines of the container and %d of the exec on each stream, all there once",
                    KILLS, lines, execLines);

            Followed late = server.api().follow(id, "");
            Followed events = followedEvents.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertThat(late.stdout().identity()).isEqualTo(output.stdout().identity());
            assertThat(events.stdout().identity()).isEqualTo(output.stdout().identity());
            assertThat(events.stderr().identity()).isEqualTo(output.stderr().identity());
            Command.Result logged = logs.await(LIMIT).succeeded();
            assertThat(StreamDigest.of(logged.stdoutBytes()).identity())
                    .isEqualTo(output.stdout().identity());
        }
        server.api().remove(id);
    }

    @Test
    void theLastWordsAndTheExitCodeOfAContainerThatEndsWhileNoServerRunsArrive() throws IOException {
        Path gate = Files.createDirectories(server.shared().resolve("gate"));
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

        Followed followed = server.api().follow(id, "");
        assertThat(followed.stdoutText()).isEqualTo("first\nlast words\n");
        assertThat(followed.stderrText()).isEqualTo("oops\n");
        assertThat(followed.exit().getExitCode()).isEqualTo(23);
        assertThat(followed.exit().getReason()).isEqualTo(ExitReason.EXIT_REASON_EXITED);
        Followed followedExec = server.api().follow(id, exec.getId());
        assertThat(followedExec.stdoutText()).isEqualTo("first\nlast words\n");
        assertThat(followedExec.exit().getExitCode()).isEqualTo(24);
        server.api().remove(id);
    }

    @Test
    void aGracefulStopLeavesContainersRunningAsWell() {
        Container container = server.api().run(CountedLines.SCRIPT);
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

    /** Reads server-sent events; whenever the connection breaks, goes on behind the id of the last event. */
    private Followed followEventsOverRestarts(String id) throws InterruptedException {
        Followed followed = new Followed();
        String path = "/v1/containers/" + id + "/timeline";
        long deadlineNanos = System.nanoTime() + FOLLOW_LIMIT.toNanos();
        try (Http http = new Http(server)) {
            while (!followed.isEnded() && System.nanoTime() < deadlineNanos) {
                String[] place =
                        followed.cursor().isEmpty() ? new String[0] : new String[] {"Last-Event-ID", followed.cursor()};
                try (SseReader events = new SseReader(http.stream(path, place))) {
                    events.readInto(followed);
                } catch (IOException | UncheckedIOException e) {
                    // The server is being started again: as a browser does, try again in a while.
                    TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
                }
            }
        }
        return followed;
    }

    private void awaitOutput(String id) {
        Waiting.until(
                "the container to write",
                LIMIT,
                () -> server.api().get(id).getStatus().getStdoutLength() > 0);
    }

    private Tailrace client() {
        return Tailrace.builder()
                .address("http://" + server.address())
                .token(TailraceServerProcess.TOKEN)
                .build();
    }

    private static Mount bind(Path source, String target) {
        return Mount.newBuilder()
                .setType(Mount.Type.TYPE_BIND)
                .setSource(source.toString())
                .setTarget(target)
                .build();
    }

    private static boolean isRunning(long pid) {
        return ProcessHandle.of(pid).isPresent();
    }

    /** What a client saw of counted lines. */
    private record CountedOutput(StreamDigest stdout, StreamDigest stderr, String tail, TimelineRecord.Exit exit) {
        static CountedOutput read(Follow follow) {
            StreamDigest stdout = new StreamDigest();
            StreamDigest stderr = new StreamDigest();
            String tail = "";
            long sequence = 0;
            try (follow) {
                for (TimelineRecord record : follow) {
                    assertThat(record.sequence()).isEqualTo(++sequence);
                    switch (record) {
                        case TimelineRecord.Output output -> {
                            boolean isStdout = output.stream() == StandardStream.STDOUT;
                            (isStdout ? stdout : stderr).add(output.data());
                            if (isStdout) {
                                String text = tail + output.text();
                                tail = text.substring(Math.max(0, text.length() - 100));
                            }
                        }
                        case TimelineRecord.Exit exit -> {
                            return new CountedOutput(stdout, stderr, tail, exit);
                        }
                        default -> assertThat(record).isNotInstanceOf(TimelineRecord.Gap.class);
                    }
                }
            }
            throw new AssertionError("the timeline ended without an exit");
        }

        int assertComplete() {
            return CountedLines.assertComplete(stdout, tail, stderr);
        }
    }
}
