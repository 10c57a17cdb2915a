package io.tailrace.runtime.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.FileChange;
import io.tailrace.runtime.spi.FileChange.Kind;
import io.tailrace.runtime.spi.ImageUsage;
import io.tailrace.runtime.spi.ProcessEntry;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a container has written, what runs in it, and what images take. */
interface ContentsConformance {
    int BYTES = 3 << 20;

    Bench bench();

    @Test
    default void whatAContainerHasChangedIsToldWhileItIsThere() throws Exception {
        RuntimeContainer container = bench().create(bench().commands().changesFiles(BYTES));
        assertThat(container.changes()).isEmpty();
        assertThat(container.writtenBytes()).isLessThan(1 << 20);
        RuntimeProcess process = container.prepare();
        process.start();
        assertThat(Bench.exitOf(process).exitCode()).isZero();
        process.delete();
        assertThat(container.changes())
                .containsExactlyInAnyOrder(
                        new FileChange(Kind.ADDED, "/added"),
                        new FileChange(Kind.ADDED, bench().commands().addedFile()),
                        new FileChange(Kind.MODIFIED, "/bin"),
                        new FileChange(Kind.DELETED, bench().commands().deletedFile()));
        assertThat(container.writtenBytes()).isBetween((long) BYTES, BYTES + (1L << 20));
        container.remove();
        assertThatThrownBy(container::changes).extracting("code").isEqualTo(Code.NOT_FOUND);
    }

    @Test
    default void theProcessesOfAContainerAreThoseThatRunInIt() {
        assumeTrue(bench().can(Capability.EXEC));
        RuntimeContainer container = bench().create(bench().commands().waits());
        assertThatThrownBy(container::processes).extracting("code").isEqualTo(Code.FAILED_PRECONDITION);
        container.prepare().start();
        RuntimeProcess exec = container.prepareExec(
                "added", bench().process(bench().commands().waits()));
        exec.start();
        String command = String.join(" ", bench().commands().waits());
        // A process that has started is for a moment still the runtime's own, which then becomes the command.
        await().atMost(Bench.PATIENCE).untilAsserted(() -> {
            List<ProcessEntry> processes = container.processes();
            assertThat(processes)
                    .extracting(ProcessEntry::pid)
                    .containsExactlyInAnyOrder(container.process().orElseThrow().pid(), exec.pid());
            assertThat(processes).allSatisfy(process -> {
                assertThat(String.join(" ", process.arguments())).isEqualTo(command);
                assertThat(process.memoryBytes()).isPositive();
                assertThat(process.user()).isZero();
            });
        });
        exec.signal(9);
    }

    @Test
    default void imagesTellWhatTheyTake() {
        String id = bench().runtime()
                .images()
                .get(bench().spec(bench().process(List.of("x"))).image())
                .id();
        ImageUsage usage = bench().runtime().images().usage();
        assertThat(usage.images())
                .filteredOn(image -> image.id().equals(id))
                .hasSize(1)
                .allSatisfy(image -> {
                    assertThat(image.sizeBytes()).isPositive().isLessThanOrEqualTo(usage.totalBytes());
                    assertThat(image.ownBytes()).isBetween(0L, image.sizeBytes());
                });
    }
}
