package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.client.Container;
import io.tailrace.client.ErrorCode;
import io.tailrace.client.Exec;
import io.tailrace.client.ExecSpec;
import io.tailrace.client.ExitReason;
import io.tailrace.client.ExitStatus;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TailraceException;
import io.tailrace.delivery.Ledger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Execs that come and go in running containers while servers do: each writes counted lines and exits with a code of its
 * own, and is followed to its end. What a server was starting when it was killed may end as not started; then it has not
 * run at all.
 */
final class ExecTraffic implements AutoCloseable {
    /** So many at once. */
    static final int AT_ONCE = 2;

    private static final int LINES_MAX = 3000;
    private static final int PADDING_MAX = 2000;
    private static final int RETRY_MILLIS = 50;
    private static final int RETRIES_MAX = 2000;
    private static final long END_SECONDS_MAX = 120;

    private final List<Container> containers;
    private final Path counts;
    private final Ledger ledger;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> lanes = new ArrayList<>();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger notStarted = new AtomicInteger();
    private volatile boolean isStopping;

    private ExecTraffic(List<Container> containers, Path counts, Ledger ledger) {
        this.containers = containers;
        this.counts = counts;
        this.ledger = ledger;
    }

    /** Begins. @param counts the directory that the containers have as {@link CountedWriter#DIRECTORY}. @param lanes at once */
    static ExecTraffic begin(Tailrace client, List<String> containers, Path counts, int lanes, Ledger ledger) {
        // Looked up now, while there is a server to ask.
        ExecTraffic traffic = new ExecTraffic(
                containers.stream().map(client.containers()::get).toList(), counts, ledger);
        for (int lane = 0; lane < lanes; lane++) {
            Random random = ledger.random();
            String name = "exec-" + lane + "-";
            traffic.lanes.add(traffic.threads.submit(() -> {
                for (int number = 1; !traffic.isStopping; number++) {
                    traffic.runOne(name + number, random);
                }
                return name;
            }));
        }
        return traffic;
    }

    private void runOne(String id, Random random) throws Exception {
        Container container = containers.get(random.nextInt(containers.size()));
        CountedWriter writer = new CountedWriter(
                id, random.nextInt(PADDING_MAX), random.nextInt(PADDING_MAX), 1 + random.nextInt(200), 0.05);
        int lines = 1 + random.nextInt(LINES_MAX) / (1 + random.nextInt(20));
        int exitCode = random.nextInt(1, 80);
        Exec exec = create(container, id, writer.script(lines, exitCode));
        CountedOutput output = new CountedOutput(writer);
        ExitStatus exit = Followers.byClient(exec, output);
        if (exit.reason() == ExitReason.START_FAILED || exit.reason() == ExitReason.LOST) {
            assertThat(counts.resolve(id + ".began"))
                    .as("%s, which ended as not started: %s", id, exit)
                    .doesNotExist();
            notStarted.incrementAndGet();
            return;
        }
        assertThat(exit.reason()).as("%s: %s", id, exit).isEqualTo(ExitReason.EXITED);
        assertThat(exit.exitCode()).as("%s: %s", id, exit).isEqualTo(exitCode);
        assertThat(Files.readString(counts.resolve(id)).strip()).isEqualTo(Integer.toString(lines));
        output.settle(ledger, "Java client", lines);
        ended.incrementAndGet();
    }

    /** Asks until a server has taken it: the id makes sure that it runs once at most. */
    private static Exec create(Container container, String id, String script) throws InterruptedException {
        ExecSpec spec = new ExecSpec("sh", "-c", script).id(id);
        for (int attempt = 0; ; attempt++) {
            try {
                return container.exec(spec);
            } catch (TailraceException e) {
                if (e.code() != ErrorCode.UNAVAILABLE || attempt == RETRIES_MAX) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
            }
        }
    }

    /** Lets those that run end, and fails if one went wrong. @return how many ended as they should, not started included */
    int stop() throws Exception {
        isStopping = true;
        for (Future<?> lane : lanes) {
            try {
                lane.get(END_SECONDS_MAX, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw new AssertionError("an exec went wrong: " + e.getCause().getMessage(), e.getCause());
            }
        }
        return ended.get() + notStarted.get();
    }

    int notStarted() {
        return notStarted.get();
    }

    @Override
    public void close() {
        isStopping = true;
        threads.shutdownNow();
    }
}
