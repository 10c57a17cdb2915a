package io.tailrace.runtime.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.OutputLostException;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Processes added to a running container. */
interface ExecConformance {
    Bench bench();

    @Test
    default void anExecHasItsOwnOutputAndExit() throws Exception {
        assumeTrue(bench().can(Capability.EXEC));
        RuntimeContainer container = bench().start(bench().commands().waits());
        RuntimeProcess exec = container.prepareExec(
                "exec-1", bench().process(bench().commands().writes("from the exec", "and its stderr", 9)));
        Reading out = Reading.of(exec.stdout());
        Reading err = Reading.of(exec.stderr().orElseThrow());
        exec.start();
        assertThat(Bench.text(out.await())).isEqualTo("from the exec");
        assertThat(Bench.text(err.await())).isEqualTo("and its stderr");
        assertThat(Bench.exitOf(exec).exitCode()).isEqualTo(9);
        exec.delete();
        exec.delete();
        assertThat(container.recoverExec("exec-1")).isEmpty();
        assertThat(container.process().orElseThrow().status()).isEqualTo(RuntimeProcess.Status.RUNNING);
    }

    @Test
    default void anExecEndsWithItsContainer() throws Exception {
        assumeTrue(bench().can(Capability.EXEC));
        RuntimeContainer container = bench().start(bench().commands().waits());
        RuntimeProcess exec = container.prepareExec(
                "exec-2", bench().process(bench().commands().waits()));
        exec.start();
        container.process().orElseThrow().signal(9);
        Bench.exitOf(container.process().orElseThrow());
        assertThat(Bench.exitOf(exec).exitCode()).isEqualTo(137);
    }

    @Test
    default void anExecOfAMissingCommandIsTold() {
        assumeTrue(bench().can(Capability.EXEC));
        RuntimeContainer container = bench().start(bench().commands().waits());
        RuntimeProcess exec = container.prepareExec(
                "exec-3", bench().process(bench().commands().missing()));
        assertThatThrownBy(exec::start).extracting("code").isEqualTo(Code.COMMAND_NOT_FOUND);
        exec.delete();
    }

    @Test
    default void anExecNeedsARunningContainer() {
        assumeTrue(bench().can(Capability.EXEC));
        RuntimeContainer container = bench().create(bench().commands().waits());
        assertThatThrownBy(() -> container.prepareExec(
                        "exec-4", bench().process(bench().commands().exits(0))))
                .extracting("code")
                .isEqualTo(Code.FAILED_PRECONDITION);
    }

    @Test
    default void anExecIsFoundAgainByItsId() throws Exception {
        assumeTrue(bench().can(Capability.EXEC));
        RuntimeContainer container = bench().start(bench().commands().waits());
        boolean isKept = bench().can(Capability.EXEC_OUTPUT_KEPT);
        // Where nothing is kept of an exec, the end of one that ends meanwhile is lost: this one ends afterwards.
        List<String> command = isKept
                ? bench().commands().writes("kept", "", 4)
                : bench().commands().waits();
        container.prepareExec("exec-5", bench().process(command)).start();
        bench().reopen();
        RuntimeContainer again = bench().runtime().recover(container.handle());
        RuntimeProcess exec = again.recoverExec("exec-5").orElseThrow();
        if (isKept) {
            assertThat(Bench.text(Reading.of(exec.stdout()).await())).isEqualTo("kept");
        } else {
            assertThatThrownBy(Reading.of(exec.stdout())::await).hasCauseInstanceOf(OutputLostException.class);
            exec.signal(9);
        }
        assertThat(Bench.exitOf(exec).exitCode()).isEqualTo(isKept ? 4 : 128 + 9);
        assertThat(again.recoverExec("exec-6")).isEmpty();
    }
}
