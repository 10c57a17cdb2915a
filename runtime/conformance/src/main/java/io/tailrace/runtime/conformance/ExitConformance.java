package io.tailrace.runtime.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Every exit is told, once, with its code; a process that cannot start says why. */
interface ExitConformance {
    /** Enough for a busybox, and soon used up. */
    long MEMORY_BYTES = 32L << 20;

    Bench bench();

    @Test
    default void anExitIsAwaitedBeforeTheStartAndNeverMissed() throws Exception {
        RuntimeContainer container = bench().create(bench().commands().exits(0));
        for (int i = 0; i < 5; i++) {
            RuntimeProcess process = container.prepare();
            CompletableFuture<ProcessExit> exit = process.exit();
            process.start();
            assertThat(exit).succeedsWithin(Bench.PATIENCE).satisfies(ended -> {
                assertThat(ended.exitCode()).isZero();
                assertThat(ended.isOutOfMemory()).isFalse();
                assertThat(ended.isLost()).isFalse();
            });
            process.delete();
        }
    }

    @Test
    default void exitCodesAreTheProcesses() throws Exception {
        for (int code : new int[] {1, 42, 255}) {
            RuntimeProcess process =
                    bench().create(bench().commands().exits(code)).prepare();
            Instant before = Instant.now().minus(Duration.ofSeconds(5));
            process.start();
            ProcessExit exit = Bench.exitOf(process);
            assertThat(exit.exitCode()).isEqualTo(code);
            assertThat(exit.at()).isBetween(before, Instant.now().plus(Duration.ofSeconds(5)));
            assertThat(process.status()).isEqualTo(RuntimeProcess.Status.EXITED);
            assertThat(process.pid()).isZero();
        }
    }

    @Test
    default void aKillIsAnExitCodeOf137AndNotOutOfMemory() throws Exception {
        RuntimeProcess process = bench().create(bench().commands().waits()).prepare();
        process.start();
        assertThat(process.pid()).isPositive();
        process.signal(9);
        ProcessExit exit = Bench.exitOf(process);
        assertThat(exit.exitCode()).isEqualTo(137);
        assertThat(exit.isOutOfMemory()).isFalse();
        assertThatThrownBy(() -> process.signal(9)).extracting("code").isEqualTo(Code.FAILED_PRECONDITION);
    }

    @Test
    default void aKillForMemoryIsToldFromAnyOther() throws Exception {
        assumeTrue(bench().can(Capability.OUT_OF_MEMORY));
        ContainerSpec.Limits limits = new ContainerSpec.Limits(MEMORY_BYTES, MEMORY_BYTES, 0, 0, "", 0);
        RuntimeProcess process = bench().create(bench().spec(
                                Bench.newId(),
                                bench().process(bench().commands().gorges()),
                                limits))
                .prepare();
        process.start();
        ProcessExit exit = Bench.exitOf(process);
        assertThat(exit.isOutOfMemory()).isTrue();
        assertThat(exit.exitCode()).isEqualTo(137);
    }

    @Test
    default void aMissingCommandIsToldAndLeavesACleanContainer() {
        RuntimeContainer container = bench().create(bench().commands().missing());
        RuntimeProcess process = container.prepare();
        assertThatThrownBy(process::start).extracting("code").isEqualTo(Code.COMMAND_NOT_FOUND);
        process.delete();
        container.remove();
    }

    @Test
    default void aFileThatCannotBeExecutedIsTold() {
        RuntimeContainer container = bench().create(bench().commands().notExecutable());
        RuntimeProcess process = container.prepare();
        assertThatThrownBy(process::start).extracting("code").isEqualTo(Code.COMMAND_NOT_EXECUTABLE);
        process.delete();
        container.remove();
    }
}
