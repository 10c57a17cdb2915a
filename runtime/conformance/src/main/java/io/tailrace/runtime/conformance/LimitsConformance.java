package io.tailrace.runtime.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Limits are the kernel's, also where they are changed. */
interface LimitsConformance {
    long MIB = 1 << 20;
    Limits LIMITS = new Limits(64 * MIB, 128 * MIB, 500_000_000, 512, "0", 50);

    Bench bench();

    private static KernelLimits limits(RuntimeContainer container) throws IOException {
        return KernelLimits.of(container.process().orElseThrow().pid());
    }

    private static void assertLimited(RuntimeContainer container) throws IOException {
        KernelLimits limits = limits(container);
        assertThat(limits.memoryBytes()).isEqualTo(64 * MIB);
        assertThat(limits.cpuQuotaMicros()).isEqualTo(50_000);
        assertThat(limits.pids()).isEqualTo("50");
        assertThat(limits.cpus()).isEqualTo("0");
    }

    @Test
    default void limitsAreSetChangedAndLiftedWhileItRuns() throws Exception {
        RuntimeContainer container = bench().start(bench().commands().waits());
        String processors = limits(container).cpus();
        long memoryBytes = limits(container).memoryBytes();
        container.update(LIMITS);
        assertLimited(container);
        container.update(new Limits(256 * MIB, 0, 1_500_000_000, 0, "0", 0));
        assertThat(limits(container).memoryBytes()).isEqualTo(256 * MIB);
        assertThat(limits(container).cpuQuotaMicros()).isEqualTo(150_000);
        assertThat(limits(container).pids()).isEqualTo("max");
        container.update(Limits.NONE);
        assertThat(limits(container).memoryBytes()).isEqualTo(memoryBytes);
        assertThat(limits(container).cpuQuotaMicros()).isEqualTo(-1);
        assertThat(limits(container).cpus()).isEqualTo(processors);
    }

    @Test
    default void whatIsChangedWhileItStandsStillHoldsForTheNextRun() throws Exception {
        RuntimeContainer container = bench().create(bench().commands().waits());
        container.update(LIMITS);
        container.prepare().start();
        assertLimited(container);
        RuntimeProcess process = container.process().orElseThrow();
        process.signal(9);
        Bench.exitOf(process);
        process.delete();
        container.update(new Limits(0, 0, 0, 0, "", 70));
        container.prepare().start();
        assertThat(limits(container).memoryBytes()).isGreaterThan(64 * MIB);
        assertThat(limits(container).cpuQuotaMicros()).isEqualTo(-1);
        assertThat(limits(container).pids()).isEqualTo("70");
        assertThat(limits(container).cpus()).isNotEqualTo("0");
    }

    @Test
    default void whatIsChangedWhileItRunsHoldsForTheNextRun() throws Exception {
        RuntimeContainer container = bench().start(bench().commands().waits());
        container.update(LIMITS);
        RuntimeProcess process = container.process().orElseThrow();
        process.signal(9);
        Bench.exitOf(process);
        process.delete();
        container.prepare().start();
        assertLimited(container);
    }

    @Test
    default void lessMemoryThanIsInUseIsRefusedAndChangesNothing() throws Exception {
        RuntimeContainer container = bench().create(
                        bench().options("head -c 41943040 /dev/zero > /dev/shm/held; echo held; sleep 3600")
                                .spec());
        container.update(LIMITS);
        RuntimeProcess process = container.prepare();
        Reading out = Reading.of(process.stdout());
        process.start();
        out.await("held\n");
        assertThatThrownBy(() -> container.update(new Limits(16 * MIB, 128 * MIB, 1_000_000_000, 0, "", 60)))
                .extracting("code")
                .isEqualTo(Code.FAILED_PRECONDITION);
        assertLimited(container);
        process.signal(9);
        Bench.exitOf(process);
        process.delete();
        container.prepare().start();
        assertLimited(container);
    }

    @Test
    default void aProcessorThatIsNotThereIsRefusedAndChangesNothing() throws Exception {
        RuntimeContainer container = bench().start(bench().commands().waits());
        container.update(LIMITS);
        assertThatThrownBy(() -> container.update(new Limits(64 * MIB, 128 * MIB, 500_000_000, 512, "4095", 50)))
                .hasMessage("cpus: 4095 (expected: processors that are there)")
                .extracting("code")
                .isEqualTo(Code.INVALID_ARGUMENT);
        assertLimited(container);
    }

    @Test
    default void aRemovedContainerHasNoLimits() {
        RuntimeContainer container = bench().create(List.of("true"));
        container.remove();
        assertThatThrownBy(() -> container.update(LIMITS)).extracting("code").isEqualTo(Code.NOT_FOUND);
    }
}
