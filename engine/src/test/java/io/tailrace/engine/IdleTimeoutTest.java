package io.tailrace.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.log.ExitReason;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineConfig;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.conformance.ScriptedRuntime;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** In simulated time: minutes pass when a test says so. */
@Timeout(60)
class IdleTimeoutTest {
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final Duration HALF = Duration.ofMinutes(6);

    @TempDir
    Path directory;

    private final SimulatedTime time = new SimulatedTime();
    private ScriptedRuntime runtime;
    private Engine engine;

    @BeforeEach
    void open() {
        runtime = ScriptedRuntime.open();
        engine = start();
    }

    @AfterEach
    void close() {
        runtime.machine().containerIds().forEach(runtime.machine()::lose);
        engine.close();
        runtime.close();
    }

    private Engine start() {
        EngineConfig config = EngineConfig.defaults(directory.resolve("data"));
        assertThat(config.fsync()).isEqualTo(TimelineConfig.Fsync.NEVER);
        return Engine.open(config, runtime, time.ofServer());
    }

    private Container echoing() {
        Container container =
                engine.create(new Request("cat").withStdin().idleTimeout(LIMIT).build());
        container.start();
        return container;
    }

    private static void say(Container container) throws InterruptedException {
        ContainerProcess process = container.process();
        long length = process.streamLength(StdStream.STDOUT);
        process.writeStdin(process.stdinOffset(), ByteBuffer.wrap("word\n".getBytes(UTF_8)));
        await().until(() -> process.streamLength(StdStream.STDOUT) == length + 5);
    }

    private static void isUp(Container container) {
        assertThat(container.status().state().isUp()).isTrue();
    }

    private void isTimedOut(Container container) throws InterruptedException {
        await().until(() -> {
            time.pass(Duration.ofSeconds(10)); // what is due is looked at by another thread, in its own time
            return !container.status().state().isUp();
        });
        TimelineRecord.Exit exit = TestEngine.awaitExit(container);
        assertThat(exit.reason()).isEqualTo(ExitReason.TIMED_OUT);
        assertThat(exit.message()).contains("it wrote nothing for its idle time-out of PT10M");
    }

    @Test
    void whoWritesNothingForSoLongIsStopped() throws Exception {
        Container container = echoing();
        time.pass(HALF);
        isUp(container);
        time.pass(HALF);
        isTimedOut(container);
    }

    @Test
    void whoWritesRunsOn() throws Exception {
        Container container = echoing();
        for (int i = 0; i < 4; i++) {
            time.pass(HALF);
            say(container);
        }
        isUp(container);
        time.pass(LIMIT.plusMinutes(1));
        isTimedOut(container);
    }

    @Test
    void pausingIsNoSilence() throws Exception {
        Container container = echoing();
        container.pause();
        time.pass(LIMIT.multipliedBy(3));
        isUp(container);
        container.resume();
        time.pass(HALF);
        isUp(container);
        time.pass(LIMIT);
        isTimedOut(container);
    }

    @Test
    void theLimitGoesOnOverARestartOfTheServer() throws Exception {
        Container container = echoing();
        time.pass(HALF);
        engine.close();
        runtime.close();
        runtime = runtime.reopen();
        engine = start();
        Container again = engine.container(container.id());
        isUp(again);
        time.pass(HALF);
        isTimedOut(again);
    }

    @Test
    void aRunThatTakesTooLongSaysThatItIsThat() throws Exception {
        Container container = engine.create(new Request("hold")
                .timeout(LIMIT)
                .idleTimeout(LIMIT.multipliedBy(2))
                .build());
        container.start();
        time.pass(LIMIT);
        TimelineRecord.Exit exit = TestEngine.awaitExit(container);
        assertThat(exit.reason()).isEqualTo(ExitReason.TIMED_OUT);
        assertThat(exit.message()).contains("it ran for longer than its time-out of PT10M");
    }

    @Test
    void whatIsNoLimitIsRefused() {
        for (Duration limit : new Duration[] {Duration.ZERO, Duration.ofSeconds(-1)}) {
            assertThatThrownBy(() ->
                            engine.create(new Request("hold").idleTimeout(limit).build()))
                    .hasMessage("idleTimeout: %s (expected: more than 0, or none)".formatted(limit));
        }
    }
}
