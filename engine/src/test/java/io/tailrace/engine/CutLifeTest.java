package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.Timeline;
import io.tailrace.log.TimelineConfig;
import io.tailrace.log.TimelineReader;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.conformance.ScriptedRuntime;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server can be killed behind any record, with the runtime in any state that its last call led to or was about to: every
 * combination of the two is adopted and can be brought to a clean end.
 */
@Timeout(120)
class CutLifeTest {
    @TempDir
    Path directory;

    /** How far the runtime had come. */
    private enum Reached {
        NOTHING,
        CREATED,
        PREPARED,
        RUNNING,
        PAUSED,
        EXITED,
        DELETED
    }

    @Test
    void everyCutIsAdopted() throws Exception {
        List<TimelineRecord> life;
        Path original = directory.resolve("original");
        try (TestEngine test = TestEngine.open(original)) {
            Container container = test.create("hold");
            container.start();
            container.pause();
            container.resume();
            container.stop(null);
            container.remove(false);
            test.shutDown();
            life = recordsOf(timelineIn(original));
            test.startUp();
        }
        assertThat(life).hasSize(9);
        for (int kept = 0; kept <= life.size(); kept++) {
            for (Reached reached : Reached.values()) {
                adopt(life.subList(0, kept), reached);
            }
        }
    }

    private static Path timelineIn(Path root) throws IOException {
        try (var containers = Files.list(root.resolve("data/containers"))) {
            return containers.findFirst().orElseThrow().resolve("timeline");
        }
    }

    private static List<TimelineRecord> recordsOf(Path timeline) throws IOException {
        List<TimelineRecord> records = new ArrayList<>();
        try (Timeline opened = Timeline.open(timeline, TimelineConfig.defaults());
                TimelineReader reader = opened.read(1)) {
            for (TimelineRecord record = reader.poll(); record != null; record = reader.poll()) {
                records.add(record);
            }
        }
        return records;
    }

    private void adopt(List<TimelineRecord> life, Reached reached) throws Exception {
        String name = life.size() + "-" + reached;
        Path data = directory.resolve(name);
        ContainerSpec spec = ContainerSpec.of("ab".repeat(32), "scripted", ProcessSpec.of(List.of("hold")));
        try (ScriptedRuntime runtime = ScriptedRuntime.open()) {
            if (!life.isEmpty()) {
                TimelineRecord.State created = (TimelineRecord.State) life.getFirst();
                spec = Json.read(created.attributes().get(LifecycleEntry.SPEC), ContainerSpec.class);
            }
            write(data.resolve("containers").resolve(spec.id()).resolve("timeline"), life);
            bring(runtime, spec, reached);
            try (Engine engine = Engine.open(config(data), runtime.reopen())) {
                check(engine, runtime, spec.id(), life.isEmpty(), name);
            }
        }
    }

    private static EngineConfig config(Path data) {
        EngineConfig defaults = EngineConfig.defaults(data);
        return new EngineConfig(
                data,
                defaults.retention(),
                defaults.stopGrace(),
                Duration.ofMillis(200),
                defaults.timelineBytesMax(),
                defaults.segmentBytesMax(),
                defaults.onFullDisk(),
                defaults.fsync(),
                defaults.containersMax(),
                defaults.execsPerContainerMax(),
                defaults.feedRecordsMax(),
                defaults.sampling());
    }

    private static void write(Path timeline, List<TimelineRecord> life) throws IOException {
        try (Timeline written = Timeline.create(timeline, TimelineConfig.defaults())) {
            for (TimelineRecord record : life) {
                if (record instanceof TimelineRecord.State state) {
                    written.appendState(state.state(), state.attributes());
                } else if (record instanceof TimelineRecord.Exit exit) {
                    written.appendExit(exit.reason(), exit.exitCode(), exit.signal(), exit.message());
                }
            }
        }
    }

    private static void bring(ScriptedRuntime runtime, ContainerSpec spec, Reached reached) {
        if (reached == Reached.NOTHING) {
            return;
        }
        RuntimeContainer container = runtime.create(spec);
        if (reached == Reached.CREATED) {
            return;
        }
        RuntimeProcess process = container.prepare();
        if (reached == Reached.PREPARED) {
            return;
        }
        process.start();
        if (reached == Reached.PAUSED) {
            container.pause();
        }
        if (reached.compareTo(Reached.EXITED) >= 0) {
            process.signal(15);
        }
        if (reached == Reached.DELETED) {
            process.delete();
        }
    }

    private static void check(Engine engine, ScriptedRuntime runtime, String id, boolean isUnmade, String name)
            throws Exception {
        if (isUnmade) {
            assertThat(engine.containers(true)).as(name).isEmpty();
            assertThat(runtime.machine().containerIds()).as(name).isEmpty();
            return;
        }
        Container container = engine.container(id);
        container.stop(Duration.ZERO);
        assertThat(container.await(Container.WaitCondition.NOT_RUNNING, TestEngine.LONG))
                .as(name)
                .isPresent();
        container.remove(true);
        assertThat(container.status().state()).as(name).isEqualTo(ContainerState.REMOVED);
        assertThat(runtime.machine().containerIds()).as(name).isEmpty();
        assertThat(engine.problems()).as(name).isEmpty();
        List<TimelineRecord> records = TestEngine.records(container.process());
        ContainerState state = ContainerState.CREATED;
        for (String next : TestEngine.states(records)) {
            if (!next.equals("created") && !next.equals("exited")) {
                ContainerState entered = next.startsWith("Exit")
                        ? ContainerState.EXITED
                        : ContainerState.valueOf(next.toUpperCase(Locale.ROOT));
                assertThat(state.canBecome(entered))
                        .as("%s: %s to %s", name, state, entered)
                        .isTrue();
                state = entered;
            }
        }
        long last = 0;
        try (FeedSubscription feed = engine.feed(new Cursor(Cursor.FEED, 0))) {
            for (FeedRecord record = feed.next(Duration.ZERO); record != null; record = feed.next(Duration.ZERO)) {
                assertThat(record.sequence()).as(name).isGreaterThan(last);
                last = record.sequence();
            }
        }
        assertThat(last).as(name).isPositive();
    }
}
