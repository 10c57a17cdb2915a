package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.log.ExitReason;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.spi.TerminalSize;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ExecTest {
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

    private static TimelineRecord.Exit exitOf(Exec exec) throws InterruptedException {
        return (TimelineRecord.Exit) TestEngine.records(exec).getLast();
    }

    @Test
    void anExecHasATimelineOfItsOwn() throws Exception {
        Container container = test.start("hold");
        Exec exec = container.exec(TestEngine.newExec("one", "both", "out", "err", "3"));
        List<TimelineRecord> records = TestEngine.records(exec);
        assertThat(TestEngine.states(records))
                .containsExactly("created", "starting", "running", "draining", "exited", "Exit EXITED");
        assertThat(TestEngine.bytes(records, StdStream.STDERR)).hasSize(3);
        assertThat(exec.status().exit().exitCode()).isEqualTo(3);
        assertThat(exec.timelineId()).isEqualTo(container.id() + "/one");
        assertThat(container.exec("one")).isSameAs(exec);
        assertThat(container.execs()).containsExactly(exec);
        assertThat(container.status().state()).isEqualTo(ContainerState.RUNNING);
        assertThat(container.process().streamLength(StdStream.STDOUT)).isZero();
    }

    @Test
    void anExecRunsInTheContainersEnvironmentWithItsOwnOnTop() throws Exception {
        Container container = test.engine()
                .create(new Request("hold")
                        .environment(Map.of("A", "1", "B", "2"))
                        .build());
        container.start();
        Exec exec = container.exec(new NewExec("", List.of("printenv"), Map.of("B", "3"), "", "", false, null, false));
        assertThat(new String(TestEngine.bytes(TestEngine.records(exec), StdStream.STDOUT), StandardCharsets.UTF_8)
                        .lines())
                .contains("A=1", "B=3")
                .doesNotContain("B=2");
    }

    @Test
    void aRepeatedRequestReturnsTheExecItMadeBefore() {
        Container container = test.start("hold");
        Exec first = container.exec(TestEngine.newExec("same", "hold"));
        assertThat(container.exec(TestEngine.newExec("same", "hold"))).isSameAs(first);
        assertThatThrownBy(() -> container.exec(TestEngine.newExec("same", "true")))
                .extracting("code")
                .isEqualTo(ErrorCode.ALREADY_EXISTS);
    }

    @Test
    void execsEndWithTheirContainer() throws Exception {
        Container container = test.start("hold");
        Exec exec = container.exec(TestEngine.newExec("", "hold"));
        container.stop(null);
        assertThat(exitOf(exec).exitCode()).isEqualTo(137);
    }

    @Test
    void anExecNeedsARunningContainer() {
        Container container = test.create("true");
        assertThatThrownBy(() -> container.exec(TestEngine.newExec("", "true")))
                .hasMessageContaining("is created, which does not allow: exec")
                .extracting("code")
                .isEqualTo(ErrorCode.FAILED_PRECONDITION);
    }

    @Test
    void aMissingCommandIsTheExecsExitAndAnError() throws Exception {
        Container container = test.start("hold");
        assertThatThrownBy(() -> container.exec(TestEngine.newExec("gone", "no-such-command")))
                .extracting("code")
                .isEqualTo(ErrorCode.COMMAND_NOT_FOUND);
        TimelineRecord.Exit exit = exitOf(container.exec("gone"));
        assertThat(exit.exitCode()).isEqualTo(127);
        assertThat(exit.reason()).isEqualTo(ExitReason.START_FAILED);
    }

    @Test
    void aTerminalIsResized() throws Exception {
        Container container = test.start("hold");
        Exec exec = container.exec(
                new NewExec("tty", List.of("size"), Map.of(), "", "", true, new TerminalSize(80, 24), false));
        exec.resize(new TerminalSize(132, 50));
        exec.writeStdin(0, ByteBuffer.wrap(new byte[] {'\n'}));
        exec.closeStdin();
        assertThat(new String(TestEngine.bytes(TestEngine.records(exec), StdStream.STDOUT), StandardCharsets.UTF_8))
                .isEqualTo("50 132\r\n");
        Exec plain = container.exec(TestEngine.newExec("", "hold"));
        assertThatThrownBy(() -> plain.resize(TerminalSize.DEFAULT))
                .extracting("code")
                .isEqualTo(ErrorCode.FAILED_PRECONDITION);
    }

    @Test
    void thereIsALimitToExecs() {
        Container container = test.start("hold");
        for (int i = 0; i < 20; i++) {
            container.exec(TestEngine.newExec("", "true"));
        }
        assertThatThrownBy(() -> container.exec(TestEngine.newExec("", "true")))
                .hasMessageContaining("20 (expected: at most 20)")
                .extracting("code")
                .isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
        assertThatThrownBy(() -> container.exec("nobody")).extracting("code").isEqualTo(ErrorCode.NOT_FOUND);
    }

    @Test
    void anExecOfTheNextRunDoesNotEndWithThoseOfTheLast() throws Exception {
        Container container = test.start("hold");
        for (String id : List.of("a", "b", "c")) {
            container.exec(TestEngine.newExec(id, "hold"));
            test.machine().exec(container.id(), id).holdOutput();
        }
        container.restart(Duration.ZERO);
        Exec next = container.exec(TestEngine.newExec("d", "hold"));
        assertThat(test.engine().config().drainTimeout()).isLessThan(Duration.ofSeconds(3));
        await().during(Duration.ofSeconds(3)).until(() -> next.status().state() == ContainerState.RUNNING);
    }
}
