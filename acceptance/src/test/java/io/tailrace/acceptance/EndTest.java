package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.api.v1.Exec;
import io.tailrace.api.v1.Exit;
import io.tailrace.api.v1.ExitReason;
import io.tailrace.api.v1.Limits;
import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The end of a process is explicit, comes last, and says what happened. */
@Acceptance
@DeliveryTest
@Tag("slow")
@Timeout(value = EndTest.TEST_MINUTES_MAX, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EndTest {
    /** The long form ends hundreds of processes. */
    static final int TEST_MINUTES_MAX = 15;

    private static final int SIGKILL = 9;
    private static final int AT_ONCE = 4;
    /** The drain timeout unless configured, docs/guides/configuration.md. */
    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(10);

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final TailraceServerProcess server;

    EndTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    @Promise({1, 4})
    void whatIsWrittenRightBeforeTheExitIsMissing(Ledger ledger) throws Exception {
        int processes = ledger.isLong() ? 600 : 40;
        String host = server.api().run("exec sleep 3600").getId();
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
                Http http = new Http(server)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < processes; i++) {
                LastWords words = LastWords.random(ledger.random());
                boolean isContainer = i % 2 == 0;
                all.add(threads.submit(() -> {
                    arrive(words, isContainer ? "" : host, http, ledger);
                    return words;
                }));
            }
            for (Future<?> one : all) {
                one.get(TimeUnit.MINUTES.toSeconds(TEST_MINUTES_MAX), TimeUnit.SECONDS);
            }
        }
        server.api().remove(host);
    }

    /** Runs it as a container of its own, or as an exec of one that is there. */
    private void arrive(LastWords words, String host, Http http, Ledger ledger) {
        String id = host.isEmpty() ? server.api().run(words.script()).getId() : host;
        String exec =
                host.isEmpty() ? "" : server.api().exec(host, words.script()).getId();
        ledger.attempt();
        Followed followed = server.api().follow(id, exec);
        StreamDigest expected = words.digest();
        StreamDigest seen = words.isStdout() ? followed.stdout() : followed.stderr();
        assertThat(seen.identity()).as(words.toString()).isEqualTo(expected.identity());
        assertThat((words.isStdout() ? followed.stderr() : followed.stdout()).length())
                .isZero();
        assertThat(followed.exit().getExitCode()).as(words.toString()).isEqualTo(words.exitCode());
        assertThat(followed.exit().getMessage()).as(words.toString()).isEmpty();
        String path = "/v1/containers/%s%s/%s?follow=true"
                .formatted(id, exec.isEmpty() ? "" : "/execs/" + exec, words.isStdout() ? "stdout" : "stderr");
        assertThat(StreamDigest.of(http.stream(path)).identity())
                .as(words.toString())
                .isEqualTo(expected.identity());
        ledger.bytes(2 * expected.length());
        if (host.isEmpty()) {
            server.api().remove(id);
        }
    }

    /** What a process writes at last, and how it ends then. */
    private record LastWords(boolean isStdout, int bytes, String words, boolean isReplaced, int exitCode) {
        private static final int[] SIZES = {0, 1, 4095, 4096, 4097, 65_535, 65_536, 65_537, 1 << 20, (1 << 20) + 1};

        static LastWords random(Random random) {
            int bytes = random.nextBoolean() ? SIZES[random.nextInt(SIZES.length)] : random.nextInt(300_000);
            boolean isReplaced = random.nextInt(3) == 0;
            String words = isReplaced
                    ? ""
                    : switch (random.nextInt(3)) {
                        case 0 -> "last words";
                        case 1 -> "last words\n";
                        default -> "\n";
                    };
            return new LastWords(random.nextBoolean(), bytes, words, isReplaced, isReplaced ? 0 : random.nextInt(256));
        }

        /** The last write is the shell's own or, where it is replaced by the writer, the process's very last act. */
        String script() {
            String target = isStdout ? "" : " >&2";
            String write = "head -c %d /dev/zero%s".formatted(bytes, target);
            return isReplaced
                    ? "exec " + write
                    : "%s; printf '%s'%s; exit %d".formatted(write, words.replace("\n", "\\n"), target, exitCode);
        }

        StreamDigest digest() {
            byte[] all = new byte[bytes + words.length()];
            System.arraycopy(words.getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, all, bytes, words.length());
            return StreamDigest.of(all);
        }
    }

    @Test
    @Promise(4)
    void aGrandchildThatHoldsTheOutputOpenHoldsUpTheEndForEver(Ledger ledger) {
        String id = server.api().run("exec sleep 3600").getId();
        String held = server.api().exec(id, "(sleep 3600) & echo both; exit 3").getId();
        String heldStderr = server.api()
                .exec(id, "(sleep 3600 >/dev/null) & echo one; exit 4")
                .getId();
        String late = server.api()
                .exec(id, "(sleep 1; echo late; echo more >&2) & echo soon; exit 5")
                .getId();
        String apart = server.api()
                .exec(id, "(exec sleep 3600 >/dev/null 2>&1) & echo apart; exit 6")
                .getId();
        long startNanos = System.nanoTime();
        Followed unheld = server.api().follow(id, apart);
        Followed waited = server.api().follow(id, late);
        assertEnd(unheld, "apart\n", 6, "");
        assertEnd(waited, "soon\nlate\n", 5, "");
        assertThat(waited.stderrText()).isEqualTo("more\n");
        Followed both = server.api().follow(id, held);
        Followed one = server.api().follow(id, heldStderr);
        Duration taken = Duration.ofNanos(System.nanoTime() - startNanos);
        // A Docker Engine itself ends the output of an exec soon after its exit.
        boolean isEndedByEngine = server.isOnDocker();
        assertEnd(both, "both\n", 3, isEndedByEngine ? "" : "stdout and stderr was still open");
        assertEnd(one, "one\n", 4, isEndedByEngine ? "" : "stderr was still open");
        assertThat(taken).isLessThan(DRAIN_TIMEOUT.plus(LIMIT));
        ledger.attempts(4);
        ledger.note("held for %d ms".formatted(taken.toMillis()));
        server.api().remove(id);
    }

    private static void assertEnd(Followed followed, String stdout, int exitCode, String message) {
        assertThat(followed.stdoutText()).isEqualTo(stdout);
        assertThat(followed.exit().getExitCode()).isEqualTo(exitCode);
        assertThat(followed.exit().getReason()).isEqualTo(ExitReason.EXIT_REASON_EXITED);
        if (message.isEmpty()) {
            assertThat(followed.exit().getMessage()).isEmpty();
        } else {
            assertThat(followed.exit().getMessage()).contains(message);
        }
    }

    @Test
    @Promise(4)
    void execsOutliveTheirContainer(Ledger ledger) {
        List<String> ends = List.of("exit", "kill", "stop", "rm");
        int rounds = ledger.isLong() ? 5 : 1;
        for (int round = 0; round < rounds; round++) {
            for (String end : ends) {
                goWith(end, ledger);
            }
        }
    }

    private void goWith(String end, Ledger ledger) {
        String id = server.api()
                .run("trap 'exit 0' TERM USR1; echo up; while :; do sleep 0.05; done")
                .getId();
        List<Exec> execs = List.of(
                server.api().exec(id, "echo one; exec sleep 3600"),
                server.api().exec(id, "trap '' TERM HUP; echo one; while :; do sleep 0.05; done"),
                server.api().exec(id, "(sleep 3600) & echo one; wait"));
        for (Exec exec : execs) {
            Waiting.until("the exec to write", LIMIT, () -> lengthOf(id, exec) > 0);
        }
        switch (end) {
            case "exit" -> server.api().kill(id, "USR1");
            case "kill" -> server.api().kill(id, "KILL");
            case "stop" -> server.run("stop", id).succeeded();
            default -> server.run("rm", "-f", id).succeeded();
        }
        server.api().follow(id, "").exit();
        for (Exec exec : execs) {
            // It ends in a bounded time, with an end that says how: killed with the container.
            Followed followed = server.api().follow(id, exec.getId());
            assertThat(followed.stdoutText()).isEqualTo("one\n");
            Exit exit = followed.exit();
            assertThat(exit.getExitCode()).as(exit.toString()).isIn(128 + SIGKILL, -1);
            Waiting.until(
                    "the exec's process to go",
                    LIMIT,
                    () -> ProcessHandle.of(exec.getStatus().getPid()).isEmpty());
            ledger.attempt();
        }
        server.api().remove(id);
        assertThat(server.leftovers().describeContainer(id)).isEmpty();
    }

    private long lengthOf(String container, Exec exec) {
        return server.api()
                .execs()
                .get(io.tailrace.api.v1.GetExecRequest.newBuilder()
                        .setContainer(container)
                        .setExec(exec.getId())
                        .build())
                .getStatus()
                .getStdoutLength();
    }

    @Test
    @Promise(4)
    void aKillIsTakenForOutOfMemory(Ledger ledger) {
        int rounds = ledger.isLong() ? 10 : 2;
        for (int round = 0; round < rounds; round++) {
            String killed = server.api().run("echo last words; exec sleep 600").getId();
            Waiting.until(
                    "output", LIMIT, () -> server.api().get(killed).getStatus().getStdoutLength() > 0);
            server.api().kill(killed, "KILL");
            assertKilled(killed, "", "last words\n", ExitReason.EXIT_REASON_STOPPED);

            // The first process is the one that grows, so that it is the one that is killed.
            String hungry = server.api()
                    .run(
                            "echo hungry; exec awk 'BEGIN { for (x = \"x\"; ; x = x x) ; }'",
                            spec -> spec.setLimits(
                                    Limits.newBuilder().setMemoryBytes(16 << 20).setMemorySwapBytes(16 << 20)))
                    .getId();
            assertKilled(hungry, "", "hungry\n", ExitReason.EXIT_REASON_OUT_OF_MEMORY);
            assertThat(server.run("wait", hungry).succeeded().stdout().strip()).isEqualTo("137");
            assertThat(server.run("inspect", hungry).succeeded().stdout().toLowerCase(Locale.ROOT))
                    .containsAnyOf("out_of_memory", "out of memory", "oomkilled");

            // The kernel does not deliver a signal to the first process of a namespace from within it.
            String id = server.api().run("exec sleep 600").getId();
            String exec = server.api().exec(id, "echo last words; kill -9 $$").getId();
            assertKilled(id, exec, "last words\n", ExitReason.EXIT_REASON_SIGNALLED);
            ledger.attempts(3);
            List.of(killed, hungry, id).forEach(server.api()::remove);
        }
    }

    private void assertKilled(String id, String exec, String stdout, ExitReason reason) {
        Followed followed = server.api().follow(id, exec);
        assertThat(followed.stdoutText()).isEqualTo(stdout);
        assertThat(followed.exit().getExitCode()).isEqualTo(128 + SIGKILL);
        assertThat(followed.exit().getSignal()).isEqualTo(SIGKILL);
        assertThat(followed.exit().getReason()).as(followed.exit().toString()).isEqualTo(reason);
    }

    @Test
    @Promise({4, 8})
    void whoComesLateIsToldNoExitCodeOrAnother(Ledger ledger) {
        Random random = ledger.random();
        int exitCode = random.nextInt(1, 255);
        String id = server.api().run("echo early; exit " + exitCode).getId();
        assertThat(server.api().await(id).getStatus().getExit().getExitCode()).isEqualTo(exitCode);
        late(id, exitCode, ledger);
        server.kill();
        server.startAgain();
        late(id, exitCode, ledger);
        server.run("rm", id).succeeded();
        Followed removed = server.api().follow(id, "");
        assertThat(removed.stdoutText()).isEqualTo("early\n");
        assertThat(removed.exit().getExitCode()).isEqualTo(exitCode);
        ledger.attempt();
    }

    private void late(String id, int exitCode, Ledger ledger) {
        assertThat(server.run("wait", id).succeeded().stdout().strip()).isEqualTo(Integer.toString(exitCode));
        assertThat(server.api().await(id).getStatus().getExit().getExitCode()).isEqualTo(exitCode);
        assertThat(server.api().get(id).getStatus().getExit().getExitCode()).isEqualTo(exitCode);
        assertThat(server.api().follow(id, "").exit().getExitCode()).isEqualTo(exitCode);
        try (Http http = new Http(server)) {
            assertThat(SseReader.follow(http, id).exit().getExitCode()).isEqualTo(exitCode);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        ledger.attempts(5);
    }
}
