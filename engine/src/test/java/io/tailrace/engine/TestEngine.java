package io.tailrace.engine;

import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineConfig;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.conformance.ScriptedMachine;
import io.tailrace.runtime.conformance.ScriptedProcess;
import io.tailrace.runtime.conformance.ScriptedRuntime;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** An engine on the scripted runtime, with a data directory that outlives it and a clock that tests can move. */
final class TestEngine implements AutoCloseable {
    static final Duration LONG = Duration.ofSeconds(30);
    /** Only tests of sampling have samples taken. */
    static final Sampling OFF = new Sampling(Duration.ZERO, 1, Thresholds.DEFAULT);

    private final Path directory;
    private final UnaryOperator<EngineConfig> configure;
    private final MovableClock clock = new MovableClock();
    private final @Nullable SimulatedTime time;
    private ScriptedRuntime runtime;
    private Engine engine;

    private TestEngine(
            Path directory,
            ScriptedRuntime runtime,
            UnaryOperator<EngineConfig> configure,
            @Nullable SimulatedTime time) {
        this.time = time;
        this.directory = directory;
        this.runtime = runtime;
        this.configure = configure;
        engine = open();
    }

    static TestEngine open(Path directory) {
        return open(directory, config -> config);
    }

    static TestEngine open(Path directory, UnaryOperator<EngineConfig> configure) {
        return new TestEngine(directory, ScriptedRuntime.open(), configure, null);
    }

    /** In which all time, waits included, passes by {@link SimulatedTime#pass} alone. */
    static TestEngine openIn(SimulatedTime time, Path directory, UnaryOperator<EngineConfig> configure) {
        TestEngine test = new TestEngine(directory, ScriptedRuntime.open(), configure, time);
        test.machine().clock(time.clock());
        return test;
    }

    /** Which follows what others make on its machine. */
    static TestEngine openToAll(Path directory, UnaryOperator<EngineConfig> configure) {
        return new TestEngine(directory, ScriptedRuntime.open().reopen(true), configure, null);
    }

    /** As {@link #openToAll(Path, UnaryOperator)}, in a time as of {@link #openIn}. */
    static TestEngine openToAllIn(SimulatedTime time, Path directory) {
        return new TestEngine(directory, ScriptedRuntime.open().reopen(true), config -> config, time);
    }

    /** With named pipes, as containerd has them. */
    static TestEngine openWithFifos(Path directory) {
        return new TestEngine(
                directory, ScriptedRuntime.openWithFifos(directory.resolve("fifos")), config -> config, null);
    }

    private Engine open() {
        EngineConfig defaults = EngineConfig.defaults(directory.resolve("data"));
        EngineConfig config = new EngineConfig(
                defaults.dataDirectory(),
                defaults.retention(),
                Duration.ofSeconds(5),
                Duration.ofSeconds(2),
                1L << 30,
                8L << 20,
                OnFullDisk.WAIT,
                TimelineConfig.Fsync.NEVER,
                100,
                20,
                1000,
                OFF);
        return time == null
                ? Engine.open(configure.apply(config), runtime, clock)
                : Engine.open(configure.apply(config), runtime, time.ofServer());
    }

    /** Closes the engine; its containers live on. */
    void shutDown() {
        engine.close();
        runtime.close();
    }

    /** Opens another engine on what {@link #shutDown} left. */
    void startUp() {
        runtime = runtime.reopen();
        engine = open();
    }

    /** As {@link #startUp()}. @param isFollowing whether it follows what others make */
    void startUp(boolean isFollowing) {
        runtime = runtime.reopen(isFollowing);
        engine = open();
    }

    void restart() {
        shutDown();
        startUp();
    }

    Engine engine() {
        return engine;
    }

    ScriptedRuntime runtime() {
        return runtime;
    }

    ScriptedMachine machine() {
        return runtime.machine();
    }

    ScriptedProcess process(Container container) {
        return machine().process(container.id());
    }

    Instant now() {
        return clock.instant();
    }

    void pass(Duration time) {
        clock.pass(time);
    }

    /** The container of that name as the current engine knows it. */
    Container again(Container container) {
        return engine.container(container.id());
    }

    Container create(String... command) {
        return engine.create(request(command));
    }

    Container start(String... command) {
        Container container = create(command);
        container.start();
        return container;
    }

    /** Runs it to its end. */
    Container run(String... command) throws InterruptedException {
        Container container = start(command);
        awaitExit(container);
        return container;
    }

    static TimelineRecord.Exit awaitExit(Container container) throws InterruptedException {
        return container
                .await(Container.WaitCondition.NOT_RUNNING, LONG)
                .orElseThrow(() -> new AssertionError("still " + container.status()))
                .exit();
    }

    static NewContainer request(String... command) {
        return new Request(command).build();
    }

    static NewExec newExec(String id, String... command) {
        return new NewExec(id, List.of(command), Map.of(), "", "", false, null, false);
    }

    /** All records until the Exit. */
    static List<TimelineRecord> records(ContainerProcess process) throws InterruptedException {
        try (Subscription subscription = process.subscribe(SubscriptionRequest.fromStart())) {
            return drain(subscription);
        }
    }

    /** What a subscription delivers until it ends. */
    static List<TimelineRecord> drain(Subscription subscription) throws InterruptedException {
        List<TimelineRecord> records = new ArrayList<>();
        Instant deadline = Instant.now().plus(LONG);
        while (!subscription.isEnded()) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("no end after " + records.size() + " records");
            }
            TimelineRecord record = subscription.next(Duration.ofSeconds(1));
            if (record != null) {
                records.add(record);
            }
        }
        return records;
    }

    static byte[] bytes(List<TimelineRecord> records, StdStream stream) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (TimelineRecord record : records) {
            if (record instanceof TimelineRecord.Output output && output.stream() == stream) {
                byte[] data = new byte[output.data().remaining()];
                output.data().duplicate().get(data);
                bytes.writeBytes(data);
            }
        }
        return bytes.toByteArray();
    }

    static String text(ContainerProcess process, StdStream stream) throws InterruptedException {
        return new String(bytes(records(process), stream), StandardCharsets.UTF_8);
    }

    static List<String> states(List<TimelineRecord> records) {
        List<String> states = new ArrayList<>();
        for (TimelineRecord record : records) {
            if (record instanceof TimelineRecord.State state) {
                states.add(state.state());
            } else if (record instanceof TimelineRecord.Exit exit) {
                states.add("Exit " + exit.reason());
            }
        }
        return states;
    }

    @Override
    public void close() {
        machine().containerIds().forEach(machine()::lose);
        shutDown();
    }

    private static final class MovableClock extends Clock {
        private volatile Duration offset = Duration.ZERO;

        void pass(Duration time) {
            offset = offset.plus(time);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.now().plus(offset);
        }
    }
}
