package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.api.v1.CreateContainerRequest;
import io.tailrace.api.v1.CreateExecRequest;
import io.tailrace.api.v1.Exit;
import io.tailrace.api.v1.ExitReason;
import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** What Tailrace stands on is killed: nothing is lost in silence, nothing hangs, and what was lost is said. */
@Acceptance
@DeliveryTest
@Alone
@Tag("slow")
@Timeout(
        value = RuntimeKillTest.TEST_MINUTES_MAX,
        unit = TimeUnit.MINUTES,
        threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@DisabledIfSystemProperty(
        named = "tailrace.test.runtime",
        matches = "docker",
        disabledReason = "an engine that is killed is a matter of RestartTest in runtime/docker")
class RuntimeKillTest {
    /** The long form takes a few minutes on an idle machine. */
    static final int TEST_MINUTES_MAX = 20;

    /** How a command may fail while containerd is away: said to be unavailable, so that who asked may ask again. */
    private static final Set<Status.Code> AWAY = Set.of(Status.Code.UNAVAILABLE);

    private static final int STARTING_MILLIS_MAX = 600;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration END_LIMIT = Duration.ofMinutes(5);

    private final TailraceServerProcess server;

    RuntimeKillTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    @Promise({1, 4, 5})
    void outputIsLostOrACommandHangsWhenContainerdIsKilled(Ledger ledger) throws Exception {
        Path counts = Files.createDirectories(server.shared().resolve("containerd-" + ledger.seed()));
        List<CountedWriter> writers = CountedWriter.all().subList(0, 4);
        List<Followers.Ends> ends = new ArrayList<>();
        Random random = ledger.random();
        Commands commands = new Commands(ledger);
        try (Followers followers = new Followers(server, Duration.ofMinutes(TEST_MINUTES_MAX));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (CountedWriter writer : writers) {
                ends.add(followers.follow(writer, run(writer, counts)));
            }
            String host = ends.getFirst().container();
            int kills = ledger.isLong() ? 30 : 4;
            for (int kill = 0; kill < kills; kill++) {
                List<Future<?>> inFlight = new ArrayList<>();
                inFlight.add(threads.submit(commands::start));
                inFlight.add(threads.submit(() -> commands.exec(host)));
                inFlight.add(threads.submit(commands::createStartAndRemove));
                // The instant is the point: there is no condition to wait for.
                TimeUnit.MILLISECONDS.sleep(random.nextInt(STARTING_MILLIS_MAX));
                server.killContainerd();
                ledger.attempt();
                for (Future<?> command : inFlight) {
                    command.get(END_LIMIT.toSeconds(), TimeUnit.SECONDS);
                }
                awaitContainerd();
                commands.startAgain();
            }
            Files.createFile(counts.resolve(CountedWriter.STOP));
            for (Followers.Ends end : ends) {
                settle(end, counts, ledger);
            }
        }
        commands.removeAll();
        ends.forEach(end -> server.api().remove(end.container()));
        ledger.note(commands.toString());
    }

    @Test
    @Promise({4, 5, 6})
    void aKilledShimHangsHarmsOthersOrHidesWhatWasLost(Ledger ledger) throws Exception {
        Path counts = Files.createDirectories(server.shared().resolve("shims-" + ledger.seed()));
        Random random = ledger.random();
        CountedWriter other = CountedWriter.all().getFirst();
        try (Followers followers = new Followers(server, Duration.ofMinutes(TEST_MINUTES_MAX))) {
            Followers.Ends unharmed = followers.follow(other, run(other, counts));
            int kills = ledger.isLong() ? 24 : 3;
            for (int kill = 0; kill < kills; kill++) {
                killShim(random, kill % 3, ledger);
            }
            Files.createFile(counts.resolve(CountedWriter.STOP));
            settle(unharmed, counts, ledger);
            server.api().remove(unharmed.container());
        }
    }

    /** @param kind 0: only the shim; 1: containerd as well; 2: while no server runs */
    private void killShim(Random random, int kind, Ledger ledger) throws Exception {
        CountedWriter writer = new CountedWriter("victim", 100, 100, 50, 0.05);
        Path counts = Files.createTempDirectory(server.shared(), "victim-");
        String id = run(writer, counts);
        String exec = server.api().exec(id, "echo up; exec sleep 3600").getId();
        Waiting.until("output", LIMIT, () -> server.api().get(id).getStatus().getStdoutLength() > 0);
        TimeUnit.MILLISECONDS.sleep(random.nextInt(300));
        if (kind == 2) {
            server.kill();
        }
        server.killShim(id);
        if (kind == 1) {
            server.killContainerd();
        }
        if (kind == 2) {
            server.startAgain();
        }
        ledger.attempt();
        CountedOutput output = new CountedOutput(writer);
        Followed followed = server.api().follow(id, "", record -> Followers.add(record, output));
        assertLost(followed.exit());
        assertLost(server.api().follow(id, exec).exit());
        // It was cut off somewhere, but what came is the beginning of what it wrote, once and in order.
        output.settleBeginning(ledger);
        awaitContainerd();
        server.api().remove(id);
        Waiting.until(
                "nothing of it to be left",
                LIMIT,
                () -> server.leftovers().describeContainer(id).isEmpty());
    }

    private static void assertLost(Exit exit) {
        assertThat(exit.getReason()).as(exit.toString()).isEqualTo(ExitReason.EXIT_REASON_LOST);
        assertThat(exit.getExitCode()).as(exit.toString()).isEqualTo(-1);
        assertThat(exit.getMessage()).as(exit.toString()).isNotEmpty();
    }

    private String run(CountedWriter writer, Path counts) {
        return server.api()
                .run(writer.script(), spec -> spec.addMounts(ServerKillTest.bind(counts, CountedWriter.DIRECTORY)))
                .getId();
    }

    private void settle(Followers.Ends end, Path counts, Ledger ledger) throws Exception {
        for (Map.Entry<String, Future<CountedOutput>> output : end.outputs().entrySet()) {
            CountedOutput seen = output.getValue().get(END_LIMIT.toSeconds(), TimeUnit.SECONDS);
            seen.settle(ledger, output.getKey(), end.writer().count(counts));
        }
    }

    /** The server has it started again. */
    private void awaitContainerd() {
        Waiting.until("containerd to be back", LIMIT, () -> {
            try {
                server.api().images().list(io.tailrace.api.v1.ListImagesRequest.getDefaultInstance());
                return true;
            } catch (StatusRuntimeException e) {
                return false;
            }
        });
    }

    /** Commands that are under way when containerd dies. Thread-safe. */
    private final class Commands {
        private final Ledger ledger;
        private final AtomicInteger succeeded = new AtomicInteger();
        private final AtomicInteger failed = new AtomicInteger();
        private final AtomicLong longestMillis = new AtomicLong();
        private final List<String> containers = new ArrayList<>();
        private final Set<String> notStarted = ConcurrentHashMap.newKeySet();

        Commands(Ledger ledger) {
            this.ledger = ledger;
        }

        void start() {
            String id = create();
            if (id.isEmpty()) {
                return;
            }
            if (hasSucceeded(() -> server.api().start(id))) {
                assertEnd(server.api().follow(id, ""), 5);
            } else {
                notStarted.add(id);
            }
        }

        /** A start that failed because containerd was away succeeds when it is back. */
        void startAgain() {
            for (String id : notStarted) {
                server.api().start(id);
                Exit exit = server.api().follow(id, "", record -> {}).exit();
                assertThat(exit.getExitCode()).as(exit.toString()).isEqualTo(5);
            }
            notStarted.clear();
        }

        void exec(String container) {
            CreateExecRequest request = CreateExecRequest.newBuilder()
                    .setContainer(container)
                    .addAllCommand(List.of("sh", "-c", "echo done; exit 6"))
                    .build();
            StringBuilder id = new StringBuilder();
            if (hasSucceeded(
                    () -> id.append(server.api().execs().create(request).getId()))) {
                assertEnd(server.api().follow(container, id.toString()), 6);
            }
        }

        void createStartAndRemove() {
            String id = create();
            if (!id.isEmpty() && hasSucceeded(() -> server.api().start(id))) {
                hasSucceeded(() -> server.api().remove(id));
            }
        }

        private String create() {
            StringBuilder id = new StringBuilder();
            CreateContainerRequest request = CreateContainerRequest.newBuilder()
                    .setSpec(Api.shell("echo done; exit 5"))
                    .build();
            if (hasSucceeded(
                    () -> id.append(server.api().containers().create(request).getId()))) {
                synchronized (containers) {
                    containers.add(id.toString());
                }
            }
            return id.toString();
        }

        private boolean hasSucceeded(Runnable command) {
            long startNanos = System.nanoTime();
            try {
                command.run();
                succeeded.incrementAndGet();
                return true;
            } catch (StatusRuntimeException e) {
                assertThat(e.getStatus().getCode())
                        .as("the failure of a command while containerd is away: %s", e.getStatus())
                        .isIn(AWAY);
                failed.incrementAndGet();
                return false;
            } finally {
                longestMillis.accumulateAndGet((System.nanoTime() - startNanos) / 1_000_000, Math::max);
                ledger.attempt();
            }
        }

        private void assertEnd(Followed followed, int exitCode) {
            assertThat(followed.exit().getReason())
                    .as(followed.exit().toString())
                    .isEqualTo(ExitReason.EXIT_REASON_EXITED);
            assertThat(followed.exit().getExitCode()).isEqualTo(exitCode);
            assertThat(followed.stdoutText()).isEqualTo("done\n");
            ledger.bytes(followed.stdout().length());
        }

        /** Those of which a command failed can be removed like the others, and leave nothing. */
        void removeAll() {
            for (String id : containers) {
                try {
                    server.api().remove(id);
                } catch (StatusRuntimeException e) {
                    assertThat(e.getStatus().getCode()).as(e.getMessage()).isEqualTo(Status.Code.NOT_FOUND);
                }
                await().atMost(LIMIT)
                        .untilAsserted(() -> assertThat(server.leftovers().describeContainer(id))
                                .as("what is left of " + id)
                                .isEmpty());
            }
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d commands succeeded, %d failed as unavailable, the longest took %d ms",
                    succeeded.get(),
                    failed.get(),
                    longestMillis.get());
        }
    }
}
