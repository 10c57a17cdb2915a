package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.ExitReason;
import io.tailrace.log.StdStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CrashTest {
    @TempDir
    Path directory;

    private TestEngine test;

    @BeforeEach
    void open() {
        test = TestEngine.open(directory);
    }

    @AfterEach
    void close() {
        test.close();
    }

    private static CrashReport crash(Container container) {
        return Objects.requireNonNull(container.crash());
    }

    private static List<String> lines(Container container) {
        return crash(container).lines().stream()
                .map(line -> (line.stream() == StdStream.STDERR ? "err " : "out ")
                        + StandardCharsets.UTF_8.decode(line.data().duplicate()))
                .toList();
    }

    @Test
    void anExitCodeOtherThanZeroIsACrashWithItsCrashLines() throws Exception {
        test.machine().script("fail", process -> {
            process.out("one\ntwo\n");
            process.err("pani");
            process.err("c\nat line 3\n\n");
            return 3;
        });
        Container container = test.run("fail");
        assertThat(crash(container).exit().reason()).isEqualTo(ExitReason.EXITED);
        assertThat(crash(container).exit().exitCode()).isEqualTo(3);
        assertThat(lines(container)).containsExactlyInAnyOrder("out one", "out two", "err panic", "err at line 3");
        test.restart();
        assertThat(lines(test.again(container))).hasSize(4);
    }

    @Test
    void aSignalAndALackOfMemoryAreCrashes() throws Exception {
        Container killed = test.run("kill-self", "11");
        assertThat(crash(killed).exit().reason()).isEqualTo(ExitReason.SIGNALLED);
        assertThat(crash(killed).exit().signal()).isEqualTo(11);
        assertThat(crash(killed).lines()).isEmpty();
        Container full =
                test.engine().create(new Request("gorge").memoryBytes(64 << 20).build());
        full.start();
        TestEngine.awaitExit(full);
        assertThat(crash(full).exit().reason()).isEqualTo(ExitReason.OUT_OF_MEMORY);
    }

    @Test
    void whatEndsWellOrWasStoppedHasNotCrashed() throws Exception {
        assertThat(test.run("true").crash()).isNull();
        Container stopped = test.start("hold");
        assertThat(stopped.crash()).isNull();
        stopped.stop(Duration.ZERO);
        assertThat(stopped.crash()).isNull();
        assertThat(test.create("false").crash()).isNull();
    }

    @Test
    void noMoreThanTheCrashLinesAreToldHoweverMuchWasWritten() throws Exception {
        test.machine().script("flood", process -> {
            for (int line = 0; line < 20_000; line++) {
                process.out("line %d%n".formatted(line));
            }
            return 1;
        });
        assertThat(lines(test.run("flood")))
                .isEqualTo(IntStream.range(19_980, 20_000)
                        .mapToObj("out line %d"::formatted)
                        .toList());
    }

    @Test
    void ofALineThatIsTooLongTheEndIsTold() throws Exception {
        test.machine().script("long", process -> {
            process.out("x".repeat(1 << 20) + "end\n");
            return 1;
        });
        Container container = test.run("long");
        assertThat(lines(container)).singleElement().satisfies(line -> {
            assertThat(line).endsWith("xend");
            assertThat(line).hasSize("out ".length() + CrashLines.BYTES_MAX);
        });
    }

    @Test
    void linesOfAnEarlierRunAreNotThisOnes() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        test.machine().script("again", process -> {
            process.out("run %d%n".formatted(runs.incrementAndGet()));
            return 1;
        });
        Container container = test.run("again");
        container.start();
        TestEngine.awaitExit(container);
        assertThat(lines(container)).containsExactly("out run 2");
    }
}
