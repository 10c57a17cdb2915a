package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.GetInfoRequest;
import io.tailrace.api.v1.TimelinesGrpc;
import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Very many containers that run, write and are followed at once. */
@Acceptance
@DeliveryTest
@Alone
@Tag("slow")
@Timeout(
        value = ManyContainersTest.TEST_MINUTES_MAX,
        unit = TimeUnit.MINUTES,
        threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ManyContainersTest {
    /** On a machine with two processors a start takes a Docker Engine half a second, and all else waits for it. */
    static final int TEST_MINUTES_MAX = 15;

    private static final int CONTAINERS = 12;
    private static final int CONTAINERS_LONG = 200;
    /** As many as several impatient clients ask for. */
    private static final int STARTS_AT_ONCE = 8;

    private static final int LINES = 200;

    private final TailraceServerProcess server;

    ManyContainersTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    @Promise({1, 4})
    void oneOfManyContainersAtOnceLosesOutputOrEndsWithTheExitCodeOfAnother(Ledger ledger) throws Exception {
        int containers = ledger.isLong() ? CONTAINERS_LONG : CONTAINERS;
        long restingBytes = server.usage().residentBytes();
        long beginNanos = System.nanoTime();
        try (ExecutorService starts = Executors.newFixedThreadPool(STARTS_AT_ONCE);
                ExecutorService follows = Executors.newVirtualThreadPerTaskExecutor()) {
            List<String> ids = results(starts, containers, number -> () -> start(number));
            List<Future<Followed>> followed = new ArrayList<>();
            ids.forEach(id -> followed.add(follows.submit(() -> follow(id))));
            for (String id : ids) {
                Waiting.until(
                        "it to have begun",
                        Duration.ofMinutes(TEST_MINUTES_MAX),
                        () -> server.api().get(id).getStatus().getStdoutLength() > 0);
            }
            long upNanos = System.nanoTime();
            assertThat(server.api()
                            .system()
                            .getInfo(GetInfoRequest.getDefaultInstance())
                            .getContainersRunning())
                    .isGreaterThanOrEqualTo(containers);
            long busyBytes = server.usage().residentBytes();
            results(starts, containers, number -> () -> {
                server.api().tell(ids.get(number), "go\n");
                return "";
            });
            for (int number = 0; number < containers; number++) {
                Followed one = followed.get(number).get(TEST_MINUTES_MAX, TimeUnit.MINUTES);
                ledger.attempt();
                assertThat(one.stdoutText()).isEqualTo(output(number));
                assertThat(one.stderrText()).isEqualTo("over " + number + "\n");
                assertThat(one.exit().getExitCode()).isEqualTo(exitCode(number));
                ledger.bytes(one.stdout().length() + one.stderr().length());
            }
            long endNanos = System.nanoTime();
            results(starts, containers, number -> () -> {
                server.api().remove(ids.get(number));
                return "";
            });
            String figures =
                    "%d containers: up in %.1f s, ended in %.1f s, removed in %.1f s; server %d MiB, at rest %d MiB"
                            .formatted(
                                    containers,
                                    (upNanos - beginNanos) / 1e9,
                                    (endNanos - upNanos) / 1e9,
                                    (System.nanoTime() - endNanos) / 1e9,
                                    busyBytes >> 20,
                                    restingBytes >> 20);
            ledger.note(figures);
            Figures.print("%s", figures);
        }
    }

    private String start(int number) {
        String script = """
                echo begin %1$d
                read go
                i=0
                while [ $i -lt %2$d ]; do i=$((i+1)); echo "$i of %1$d"; done
                echo over %1$d >&2
                exit %3$d
                """.formatted(number, LINES, exitCode(number));
        return server.api().run(script, spec -> spec.setStdin(true)).getId();
    }

    private Followed follow(String id) {
        return Followed.read(TimelinesGrpc.newBlockingStub(server.api().channel())
                .withDeadlineAfter(TEST_MINUTES_MAX, TimeUnit.MINUTES)
                .follow(FollowRequest.newBuilder().setContainer(id).build()));
    }

    private static String output(int number) {
        return IntStream.rangeClosed(1, LINES)
                .mapToObj(line -> line + " of " + number + "\n")
                .collect(Collectors.joining("", "begin " + number + "\n", ""));
    }

    private static int exitCode(int number) {
        return 1 + number % 120;
    }

    private interface Numbered {
        Callable<String> task(int number);
    }

    private static List<String> results(ExecutorService threads, int count, Numbered numbered) throws Exception {
        List<Future<String>> futures = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            futures.add(threads.submit(numbered.task(number)));
        }
        List<String> results = new ArrayList<>();
        for (Future<String> future : futures) {
            results.add(future.get(TEST_MINUTES_MAX, TimeUnit.MINUTES));
        }
        return results;
    }
}
