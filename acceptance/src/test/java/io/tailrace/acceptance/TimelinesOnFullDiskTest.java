package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tailrace.api.v1.GetInfoRequest;
import io.tailrace.client.Container;
import io.tailrace.client.ContainerSpec;
import io.tailrace.client.ExitStatus;
import io.tailrace.client.Follow;
import io.tailrace.client.FollowOptions;
import io.tailrace.client.NetworkMode;
import io.tailrace.client.OnFullDisk;
import io.tailrace.client.StandardStream;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TimelineRecord;
import io.tailrace.delivery.CountedLines;
import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.LineCheck;
import io.tailrace.delivery.Promise;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real server whose timelines are on a disk that is full. */
@DeliveryTest
@Alone
@Tag("containerd")
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TimelinesOnFullDiskTest {
    private static final int DISK_MIB = 32;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final CountedLines LINES = new CountedLines("line", 1000);

    @TempDir
    private Path temporary;

    private Path disk;
    private TailraceServerProcess server;

    /** A disk and a server for each test: what one has recorded stays when its containers are removed. */
    @BeforeEach
    void start() throws Exception {
        disk = Files.createDirectory(temporary.resolve("disk"));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=" + DISK_MIB + "m", "tmpfs", disk.toString()), "cannot mount");
        server = TailraceServerProcess.start(data -> {
            // Of the data directory the timelines alone: what the container runtime does on a full disk is its own
            // affair.
            for (String name : List.of("containers", "deleted")) {
                Files.createSymbolicLink(data.resolve(name), Files.createDirectory(disk.resolve(name)));
            }
        });
        server.run("image", "busybox").succeeded();
    }

    @AfterEach
    void stop() throws Exception {
        try {
            Files.deleteIfExists(ballast());
            if (server != null) {
                server.close();
            }
        } finally {
            run("umount", "-l", disk.toString());
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    }

    private Path ballast() {
        return disk.resolve("ballast");
    }

    /** Takes all room but this. */
    private void fill(int mebibytesLeft) throws IOException {
        long bytes = Files.getFileStore(disk).getUsableSpace() - ((long) mebibytesLeft << 20);
        Files.write(ballast(), new byte[(int) bytes]);
    }

    private Tailrace connect() {
        return Tailrace.builder().address("unix://" + server.socket()).build();
    }

    private static ContainerSpec spec(OnFullDisk policy, int count) {
        return new ContainerSpec("busybox")
                .network(NetworkMode.NONE)
                .onFullDisk(policy)
                .command(
                        "sh",
                        "-c",
                        LINES.shellPreparation() + "; go=; trap go=1 USR1; i=1; " + LINES.shellLine()
                                + "; until [ \"$go\" ]; do sleep 0.1; done; while [ $i -lt " + count
                                + " ]; do i=$((i+1)); " + LINES.shellLine() + "; done");
    }

    private String problem(Container container) {
        return server.api().get(container.id()).getStatus().getProblem();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(server.uri(path))
                            .header("authorization", "Bearer " + TailraceServerProcess.TOKEN)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    @Promise({1, 5, 6})
    void nothingCanBeReadStoppedOrRemovedWhileTheDiskIsFull(Ledger ledger) throws Exception {
        int count = ledger.isLong() ? 16_000 : 6_000;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Tailrace tailrace = connect()) {
            Container done = tailrace.containers().run(new ContainerSpec("busybox").command("echo", "done"));
            done.waitFor();
            Container idle = tailrace.containers().run(new ContainerSpec("busybox").command("sleep", "1000"));
            // What is to begin needs room; so both begin, and write when there is little.
            Container waiting = tailrace.containers().run(spec(OnFullDisk.WAIT, count));
            Container unwanted = tailrace.containers().run(spec(OnFullDisk.WAIT, count));
            Future<LineCheck> followed = threads.submit(() -> check(waiting.follow()));
            fill(3);
            Waiting.until(
                    "both to listen",
                    LIMIT,
                    () -> waiting.status().stdoutLength() > 0
                            && unwanted.status().stdoutLength() > 0);
            waiting.kill("USR1");
            unwanted.kill("USR1");
            Waiting.until(
                    "both to wait",
                    LIMIT,
                    () -> problem(waiting).contains("waits")
                            && problem(unwanted).contains("waits"));
            ledger.attempt();

            assertThat(server.run("ps").succeeded().stdout()).contains("its output waits");
            assertThat(server.run("info").succeeded().stdout()).contains(waiting.id(), "its output waits");
            assertThat(server.api()
                            .system()
                            .getInfo(GetInfoRequest.getDefaultInstance())
                            .getProblemsList())
                    .hasSize(2);
            assertThat(get("/metrics").body()).contains("tailrace_problems 2.0");
            assertThat(get("/health/ready").statusCode()).isEqualTo(200);
            assertThat(get("/v1/containers/" + waiting.id()).body()).contains("\"problem\":\"its output waits");
            assertThat(get("/v1/containers/" + done.id() + "/stdout").body()).isEqualTo("done\n");
            assertThat(server.run("run", "--rm", "busybox", "true").exitCode()).isEqualTo(125);
            idle.kill("KILL");
            idle.waitFor();
            idle.remove(false);
            unwanted.remove(true);

            Files.delete(ballast());
            LineCheck check = followed.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            check.expect(count);
            ledger.add(check);
            ExitStatus exit = waiting.waitFor();
            assertThat(exit.exitCode()).isZero();
            assertThat(exit.stdoutCrc32()).isEqualTo(LINES.crc32(count));
            assertThat(server.api()
                            .system()
                            .getInfo(GetInfoRequest.getDefaultInstance())
                            .getProblemsList())
                    .isEmpty();
            waiting.remove(false);
        }
    }

    private static LineCheck check(Follow follow) {
        LineCheck check = LINES.check();
        try (follow) {
            for (TimelineRecord record : follow) {
                if (record instanceof TimelineRecord.Output output && output.stream() == StandardStream.STDOUT) {
                    check.accept(output.data());
                }
            }
        }
        return check;
    }

    @Test
    @Promise({5, 6})
    void whatWasDroppedIsNotToldWhenTheServerIsKilledMeanwhile(Ledger ledger) throws Exception {
        int kills = ledger.isLong() ? 6 : 1;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Tailrace tailrace = connect()) {
            fill(2);
            Container dropping = tailrace.containers().run(spec(OnFullDisk.DROP, 100_000_000));
            Waiting.until("it to listen", LIMIT, () -> dropping.status().stdoutLength() > 0);
            dropping.kill("USR1");
            long pid = dropping.inspect().status().pid();
            Follow follow = dropping.follow(new FollowOptions());
            Future<List<TimelineRecord>> followed = threads.submit(() -> gapsAndEnd(ledger, follow));
            for (int kill = 0; kill < kills; kill++) {
                Waiting.until("it to drop", LIMIT, () -> problem(dropping).contains("is dropped"));
                server.kill();
                ledger.attempt();
                assertThat(ProcessHandle.of(pid)).isPresent();
                server.startAgain();
            }
            Waiting.until("it to drop", LIMIT, () -> problem(dropping).contains("is dropped"));
            Files.delete(ballast());
            Waiting.until(
                    "it to be recorded again", LIMIT, () -> problem(dropping).isEmpty());
            server.api().kill(dropping.id(), "KILL");
            List<TimelineRecord> told = followed.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertThat(told.stream().filter(record -> record instanceof TimelineRecord.Gap))
                    .extracting("reason")
                    .contains("dropped-at-least")
                    .containsAnyOf("dropped", "dropped-at-least");
            assertThat(told.getLast()).isInstanceOf(TimelineRecord.Exit.class);
            ledger.note(told.size() - 1 + " gaps");
        }
    }

    /** Gaps and the exit; the offsets of all output fit them. */
    private static List<TimelineRecord> gapsAndEnd(Ledger ledger, Follow follow) {
        List<TimelineRecord> told = new ArrayList<>();
        long offset = 0;
        try (follow) {
            for (TimelineRecord record : follow) {
                switch (record) {
                    case TimelineRecord.Output output -> {
                        assertThat(output.offset()).isEqualTo(offset);
                        offset += output.length();
                        ledger.bytes(output.length());
                    }
                    case TimelineRecord.Gap gap -> {
                        assertThat(gap.stdoutFrom()).isEqualTo(offset);
                        offset = gap.stdoutTo();
                        told.add(gap);
                    }
                    case TimelineRecord.Exit exit -> told.add(exit);
                    default -> {}
                }
            }
        }
        assertThat(((TimelineRecord.Exit) told.getLast()).status().stdoutLength())
                .isEqualTo(offset);
        return told;
    }
}
