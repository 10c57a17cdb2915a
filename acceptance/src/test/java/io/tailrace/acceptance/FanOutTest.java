package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many followers of one container, by several doors, some early, some late: all get the same bytes. */
@Acceptance
class FanOutTest {
    private static final int BLOCKS = 10;
    private static final Duration FOLLOW_LIMIT = Duration.ofSeconds(100);

    private final TailraceServerProcess server;

    FanOutTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    void twoHundredMegabytesAreTheSameForThreeFollowersAndForOneWhoComesWhenItIsOver() throws Exception {
        String expected = Lines.digest(BLOCKS).identity();
        String id = server.api().create(Lines.script(BLOCKS)).getId();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Followed>> followers = IntStream.range(0, 3)
                    .mapToObj(i -> threads.submit(() -> server.api().follow(id, "")))
                    .toList();
            long startNanos = System.nanoTime();
            server.api().start(id);
            for (Future<Followed> follower : followers) {
                assertIdentical(follower.get(FOLLOW_LIMIT.toSeconds(), TimeUnit.SECONDS), expected);
            }
            Figures.megabytesPerSecond("3 followers at once, each", BLOCKS * Lines.BLOCK_BYTES, startNanos);

            long lateNanos = System.nanoTime();
            assertIdentical(server.api().follow(id, ""), expected);
            Figures.megabytesPerSecond("a follower who comes late", BLOCKS * Lines.BLOCK_BYTES, lateNanos);
        }
        server.api().remove(id);
    }

    @Test
    void everyDoorDeliversTheSameBytes() throws Exception {
        int blocks = 2;
        String expected = Lines.digest(blocks).identity();
        String id = server.api().run(Lines.script(blocks)).getId();
        try (Command logs = server.startCommand("logs", "-f", id);
                Http http = new Http(server)) {
            assertThat(StreamDigest.of(http.stream("/v1/containers/" + id + "/stdout?follow=true"))
                            .identity())
                    .isEqualTo(expected);
            assertThat(SseReader.follow(http, id).stdout().identity()).isEqualTo(expected);
            Command.Result result = logs.await(FOLLOW_LIMIT);
            assertThat(StreamDigest.of(result.stdoutBytes()).identity()).isEqualTo(expected);
            assertThat(result.stderr()).startsWith(expected.substring(expected.length() - 64));
        }
        server.api().remove(id);
    }

    /** The container's own word for it, the test's, and what was delivered. */
    private static void assertIdentical(Followed followed, String expected) {
        assertThat(followed.stdout().identity()).isEqualTo(expected);
        assertThat(expected).endsWith("sha256 " + followed.stderrText().split(" ")[0]);
        assertThat(followed.exit().getExitCode()).isZero();
    }
}
