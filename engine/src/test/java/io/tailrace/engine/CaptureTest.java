package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.conformance.Scripts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Output through named pipes of the kernel, as containerd has them. */
@Timeout(60)
class CaptureTest {
    @TempDir
    Path directory;

    @Test
    void bytesAreExactThroughNamedPipes() throws Exception {
        try (TestEngine test = TestEngine.openWithFifos(directory)) {
            Container container = test.run("print", "10000007");
            List<TimelineRecord> records = TestEngine.records(container.process());
            assertThat(TestEngine.bytes(records, StdStream.STDOUT)).isEqualTo(Scripts.pattern(10_000_007));
        }
    }

    @Test
    void outputThatCannotBeOpenedForAWhileIsCapturedWhenItCan() throws Exception {
        try (TestEngine test = TestEngine.openWithFifos(directory)) {
            CountDownLatch isMissing = new CountDownLatch(1);
            test.machine().script("late", process -> {
                process.out("before;");
                isMissing.await();
                process.out("after");
                return 0;
            });
            Container container = test.start("late");
            await().until(() -> container.process().streamLength(StdStream.STDOUT) == 7);
            test.shutDown();
            // As good as too many open files: opening fails, and later it does not.
            Path away = Files.createDirectory(directory.resolve("away"));
            move(directory.resolve("fifos"), away);
            test.startUp();
            await().until(() -> !test.engine().problems().isEmpty());
            assertThat(test.engine().problems()).singleElement().asString().contains("its output waits");
            isMissing.countDown();
            move(away, directory.resolve("fifos"));
            Container again = test.again(container);
            TestEngine.awaitExit(again);
            assertThat(TestEngine.text(again.process(), StdStream.STDOUT)).isEqualTo("before;after");
            assertThat(test.engine().problems()).isEmpty();
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try (var files = Files.newDirectoryStream(from)) {
            for (Path file : files) {
                Files.move(file, to.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void aBusyStreamDoesNotStarveTheOther() throws Exception {
        try (TestEngine test = TestEngine.openWithFifos(directory)) {
            test.machine().script("floods", process -> {
                process.out(Scripts.pattern(1_000_000));
                process.err("heard");
                process.out(Scripts.pattern(3_000_000));
                return 0;
            });
            Container container = test.run("floods");
            List<TimelineRecord> records = TestEngine.records(container.process());
            int heard = records.indexOf(records.stream()
                    .filter(record ->
                            record instanceof TimelineRecord.Output output && output.stream() == StdStream.STDERR)
                    .findFirst()
                    .orElseThrow());
            assertThat(records.subList(heard, records.size())).hasSizeGreaterThan(10);
        }
    }

    @Test
    void manyShortContainersEachHaveTheirOutputAndExit() throws Exception {
        try (TestEngine test = TestEngine.openWithFifos(directory)) {
            for (int i = 0; i < 20; i++) {
                Container container = test.run("both", "out " + i, "err " + i, Integer.toString(i));
                List<TimelineRecord> records = TestEngine.records(container.process());
                assertThat(new String(TestEngine.bytes(records, StdStream.STDOUT), StandardCharsets.UTF_8))
                        .isEqualTo("out " + i);
                assertThat(new String(TestEngine.bytes(records, StdStream.STDERR), StandardCharsets.UTF_8))
                        .isEqualTo("err " + i);
                assertThat(container.status().exit().exitCode()).isEqualTo(i);
                container.remove(false);
            }
        }
    }

    @Test
    void theExitFollowsTheEndOfTheOutputAtOnce() throws Exception {
        try (TestEngine test = TestEngine.openWithFifos(directory)) {
            Duration waited = Duration.ZERO;
            for (int i = 0; i < 5; i++) {
                Container container = test.start("hold");
                test.process(container).holdOutput();
                test.process(container).exit(0);
                await().until(() -> container.status().state() == ContainerState.DRAINING);
                long released = System.nanoTime();
                test.process(container).releaseOutput();
                TestEngine.awaitExit(container);
                waited = waited.plusNanos(System.nanoTime() - released);
            }
            assertThat(waited).isLessThan(Duration.ofSeconds(3));
        }
    }

    @Test
    void theCaptureThreadEndsWithItsProcess() throws Exception {
        try (TestEngine test = TestEngine.openWithFifos(directory)) {
            Container container = test.run("true");
            String name = "capture-" + container.id().substring(0, 12);
            await().until(() -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith(name)));
            assertThatThrownBy(() -> container.process().signal(Signal.TERM))
                    .extracting("code")
                    .isEqualTo(ErrorCode.FAILED_PRECONDITION);
        }
    }
}
