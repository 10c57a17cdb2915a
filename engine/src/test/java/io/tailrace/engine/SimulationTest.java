package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.conformance.ScriptedProcess;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random commands, output and restarts of the server; then everything must add up. */
@Timeout(120)
class SimulationTest {
    private static final int STEPS = 500;
    private static final int CONTAINERS_MAX = 8;

    @TempDir
    Path directory;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Map<String, ByteArrayOutputStream> written = new HashMap<>();
    private TestEngine test;

    @Test
    void whateverHappensTheTimelinesAddUp() throws Exception {
        try (TestEngine opened = TestEngine.openWithFifos(directory)) {
            test = opened;
            for (int step = 0; step < STEPS; step++) {
                act();
            }
            test.engine().containers(false).forEach(container -> container.stop(null));
            for (Container container : test.engine().containers(true)) {
                check(container);
            }
            checkFeed();
        } catch (Throwable e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private void act() throws Exception {
        List<Container> containers = test.engine().containers(false);
        int choice = random.nextInt(100);
        if (choice < 2) {
            test.restart();
        } else if (choice < 15 && containers.size() < CONTAINERS_MAX) {
            Container container = test.create("hold");
            written.put(container.id(), new ByteArrayOutputStream());
        } else if (!containers.isEmpty()) {
            command(containers.get(random.nextInt(containers.size())), choice);
        }
    }

    /** What the state does not allow is refused, and that is as good. */
    private void command(Container container, int choice) throws Exception {
        try {
            switch (choice % 12) {
                case 0, 1, 2 -> container.start();
                case 3 -> container.stop(Duration.ofSeconds(1));
                case 4 -> container.process().signal(Signal.of(1 + random.nextInt(15)));
                case 5 -> container.pause();
                case 6 -> container.resume();
                case 7 -> container.restart(null);
                case 8 -> container.remove(random.nextBoolean());
                case 9 -> container.exec(TestEngine.newExec("", "print", "1000"));
                default -> write(container);
            }
        } catch (EngineException e) {
            assertThat(e.code()).isIn(ErrorCode.FAILED_PRECONDITION, ErrorCode.RESOURCE_EXHAUSTED);
        }
    }

    private void write(Container container) throws IOException, InterruptedException {
        if (container.status().state() != ContainerState.RUNNING) {
            return;
        }
        byte[] data = new byte[1 + random.nextInt(20_000)];
        random.nextBytes(data);
        try {
            ScriptedProcess process = test.process(container);
            process.out(data);
            written.get(container.id()).writeBytes(data);
            if (random.nextInt(4) == 0) {
                process.exit(random.nextInt(256));
            }
        } catch (IOException | ContainerRuntimeException e) {
            // It ended in between; a write that fails has written nothing.
            assertThat(container.status().state()).isNotEqualTo(ContainerState.PAUSED);
        }
    }

    private void check(Container container) throws InterruptedException {
        List<TimelineRecord> records = new ArrayList<>();
        try (Subscription all = container
                .process()
                .subscribe(new SubscriptionRequest(
                        new SubscriptionRequest.From.Start(), Set.of(), Set.of(), SubscriptionRequest.End.NOW))) {
            records.addAll(TestEngine.drain(all));
        }
        assertThat(TestEngine.bytes(records, StdStream.STDOUT))
                .isEqualTo(written.get(container.id()).toByteArray());
        ContainerState state = ContainerState.CREATED;
        for (int i = 0; i < records.size(); i++) {
            TimelineRecord record = records.get(i);
            assertThat(record.sequence()).isEqualTo(i + 1L);
            ContainerState next = entered(record);
            if (next != null && i > 0) {
                assertThat(state.canBecome(next)).as("%s to %s", state, next).isTrue();
                state = next;
            }
        }
        assertThat(container.status().state()).isEqualTo(state);
    }

    private static ContainerState entered(TimelineRecord record) {
        return switch (record) {
            case TimelineRecord.State recorded
            when !recorded.state().equals("exited") ->
                ContainerState.valueOf(recorded.state().toUpperCase(Locale.ROOT));
            case TimelineRecord.Exit _ -> ContainerState.EXITED;
            default -> null;
        };
    }

    private void checkFeed() throws InterruptedException {
        try (FeedSubscription feed = test.engine().feed(new Cursor(Cursor.FEED, 0))) {
            long expected = -1;
            for (FeedRecord record = feed.next(Duration.ZERO); record != null; record = feed.next(Duration.ZERO)) {
                assertThat(record.record()).isNotInstanceOf(TimelineRecord.Gap.class);
                assertThat(record.sequence()).isEqualTo(expected < 0 ? record.sequence() : expected);
                expected = record.sequence() + 1;
            }
        }
    }
}
